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
        count(*) FILTER (lost <> gained) AS n_scenes_changed,
        difference_end(n, lost - gained, -1) AS drop_low,
        difference_end(n, lost - gained, 1) AS drop_high,
        sign_flip_p(lost - gained) AS p,
        background_change(n, lost - gained) AS background,
        change_size(n, lost - gained) AS size,
        clustered_error(n, lost - gained) AS error,
        sum(lost)::BIGINT AS n_lost,
        sum(gained)::BIGINT AS n_gained,
        mcnemar_p(sum(lost)::BIGINT, sum(gained)::BIGINT) AS mcnemar_p
    FROM of_scene
    GROUP BY run, category
)
SELECT
    run, category, n, n_scenes, n_scenes_changed,
    (n_lost - n_gained) / n AS "drop",
    drop_low, drop_high, p,
    holm(p, list(p) OVER family) AS holm_p,
    smallest_detectable(n_scenes, background, 0.05 / count(*) OVER family, size * n_scenes / n) AS smallest_detectable,
    error AS drop_error,
    n_lost, n_gained, mcnemar_p,
    holm(mcnemar_p, list(mcnemar_p) OVER family) AS mcnemar_holm_p
FROM tested
WINDOW family AS (PARTITION BY run);

COMMENT ON VIEW raw_vs_masked_test IS 'One row per run and category: is the drop from raw to masked more than chance, and how small a drop could have been found?';
COMMENT ON COLUMN raw_vs_masked_test.n_scenes_changed IS 'Scenes with more right answers on one picture than on the other; the test is over these.';
COMMENT ON COLUMN raw_vs_masked_test.drop_low IS '95% interval of the drop over scenes, lower end; questions of a scene may agree.';
COMMENT ON COLUMN raw_vs_masked_test.p IS 'Two-sided sign-flip test over scenes (mid-p); questions of a scene may agree.';
COMMENT ON COLUMN raw_vs_masked_test.holm_p IS 'p after Holm''s correction for all categories of the run, whichever of them are looked at.';
COMMENT ON COLUMN raw_vs_masked_test.smallest_detectable IS 'A true drop that this test finds after the correction (p below 0.05 over the number of categories) at least four times out of five; an upper bound where nothing changed; NULL where no drop would be.';
COMMENT ON COLUMN raw_vs_masked_test.drop_error IS 'Standard error of the drop, questions of a scene allowed to agree; NULL below two scenes.';
COMMENT ON COLUMN raw_vs_masked_test.n_lost IS 'Questions right raw, wrong masked; n_gained the reverse.';
COMMENT ON COLUMN raw_vs_masked_test.mcnemar_p IS 'Exact two-sided McNemar test, which takes questions of a scene as independent.';
COMMENT ON COLUMN raw_vs_masked_test.mcnemar_holm_p IS 'mcnemar_p after Holm''s correction for the run''s categories.';
