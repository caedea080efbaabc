CREATE OR REPLACE VIEW raw_vs_masked_test AS
WITH of_scene AS (
    SELECT
        run, category, scene_id,
        count(*) AS n,
        count(*) FILTER (correct_raw AND NOT correct_masked) AS lost,
        count(*) FILTER (correct_masked AND NOT correct_raw) AS gained
    FROM answer_pair
    GROUP BY run, category, scene_id
), tested AS (
    SELECT
        run, category,
        sum(n)::BIGINT AS n,
        count(*) AS n_scenes,
        sum(lost)::BIGINT AS n_lost,
        sum(gained)::BIGINT AS n_gained,
        clustered_error(n, lost - gained) AS error,
        mcnemar_p(sum(lost)::BIGINT, sum(gained)::BIGINT) AS mcnemar_p
    FROM of_scene
    GROUP BY run, category
)
SELECT
    run, category, n, n_scenes,
    (n_lost - n_gained) / n AS "drop",
    error AS drop_error,
    smallest_detectable(error) AS smallest_detectable,
    n_lost, n_gained, mcnemar_p,
    holm(mcnemar_p, list(mcnemar_p) OVER (PARTITION BY run)) AS holm_p
FROM tested;

COMMENT ON VIEW raw_vs_masked_test IS 'One row per run and category: is the drop from raw to masked more than chance, and how small a drop could have been found?';
COMMENT ON COLUMN raw_vs_masked_test.drop_error IS 'Standard error of the drop, questions of a scene allowed to agree; NULL below two scenes.';
COMMENT ON COLUMN raw_vs_masked_test.smallest_detectable IS 'The true drop that would be found at 5% four times out of five; NULL where nothing changed.';
COMMENT ON COLUMN raw_vs_masked_test.n_lost IS 'Right raw, wrong masked; n_gained the reverse.';
COMMENT ON COLUMN raw_vs_masked_test.holm_p IS 'mcnemar_p after Holm''s correction for the run''s categories.';
