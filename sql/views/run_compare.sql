CREATE OR REPLACE VIEW run_compare AS
WITH of_scene AS (
    SELECT
        a.run AS run_a, b.run AS run_b, q.category, a.variant, a.scene_id,
        count(*) AS n,
        count(*) FILTER (a.correct) AS right_a,
        count(*) FILTER (b.correct) AS right_b,
        count(*) FILTER (a.correct AND NOT b.correct) AS only_a,
        count(*) FILTER (b.correct AND NOT a.correct) AS only_b
    FROM inference AS a
    JOIN inference AS b ON b.dataset = a.dataset AND b.scene_id = a.scene_id AND b.question_index = a.question_index
        AND b.variant = a.variant AND b.run > a.run
    JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE a.correct IS NOT NULL AND b.correct IS NOT NULL
    GROUP BY a.run, b.run, q.category, a.variant, a.scene_id
), tested AS (
    SELECT
        run_a, run_b, category, variant,
        sum(n)::BIGINT AS n,
        count(*) AS n_scenes,
        sum(right_a) / sum(n) AS accuracy_a,
        sum(right_b) / sum(n) AS accuracy_b,
        sum(only_a)::BIGINT AS n_only_a,
        sum(only_b)::BIGINT AS n_only_b,
        clustered_error(n, only_b - only_a) AS error,
        mcnemar_p(sum(only_a)::BIGINT, sum(only_b)::BIGINT) AS mcnemar_p
    FROM of_scene
    GROUP BY run_a, run_b, category, variant
), both_ways AS (
    FROM tested
    UNION ALL BY NAME
    SELECT
        * REPLACE (run_b AS run_a, run_a AS run_b, accuracy_b AS accuracy_a, accuracy_a AS accuracy_b,
            n_only_b AS n_only_a, n_only_a AS n_only_b)
    FROM tested
)
SELECT
    run_a, run_b, category, variant, n, n_scenes, accuracy_a, accuracy_b,
    (n_only_b - n_only_a) / n AS difference,
    error AS difference_error,
    smallest_detectable(error) AS smallest_detectable,
    n_only_a, n_only_b, mcnemar_p,
    holm(mcnemar_p, list(mcnemar_p) OVER (PARTITION BY run_a, run_b, variant)) AS holm_p
FROM both_ways;

COMMENT ON VIEW run_compare IS 'One row per pair of runs on one data set (in both orders), category and variant: both on the questions that both answered. Name both runs in WHERE.';
COMMENT ON COLUMN run_compare.difference IS 'accuracy_b less accuracy_a.';
COMMENT ON COLUMN run_compare.difference_error IS 'Its standard error, questions of a scene allowed to agree; NULL below two scenes.';
COMMENT ON COLUMN run_compare.smallest_detectable IS 'The true difference that would be found at 5% four times out of five; NULL where nothing differs.';
COMMENT ON COLUMN run_compare.n_only_a IS 'Questions that only run_a has right.';
COMMENT ON COLUMN run_compare.mcnemar_p IS 'Exact two-sided McNemar test of no difference.';
COMMENT ON COLUMN run_compare.holm_p IS 'mcnemar_p after Holm''s correction for the categories of this pair and variant.';
