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
        count(*) FILTER (only_a <> only_b) AS n_scenes_changed,
        sum(right_a) / sum(n) AS accuracy_a,
        sum(right_b) / sum(n) AS accuracy_b,
        sum(only_a)::BIGINT AS n_only_a,
        sum(only_b)::BIGINT AS n_only_b,
        difference_end(n, only_b - only_a, -1) AS difference_low,
        difference_end(n, only_b - only_a, 1) AS difference_high,
        sign_flip_p(only_b - only_a) AS p,
        background_change(n, only_b - only_a) AS background,
        change_size(n, only_b - only_a) AS size,
        clustered_error(n, only_b - only_a) AS error,
        mcnemar_p(sum(only_a)::BIGINT, sum(only_b)::BIGINT) AS mcnemar_p
    FROM of_scene
    GROUP BY run_a, run_b, category, variant
), both_ways AS (
    FROM tested
    UNION ALL BY NAME
    SELECT
        * REPLACE (run_b AS run_a, run_a AS run_b, accuracy_b AS accuracy_a, accuracy_a AS accuracy_b,
            n_only_b AS n_only_a, n_only_a AS n_only_b, -difference_high AS difference_low,
            -difference_low AS difference_high)
    FROM tested
)
SELECT
    run_a, run_b, category, variant, n, n_scenes, n_scenes_changed, accuracy_a, accuracy_b,
    (n_only_b - n_only_a) / n AS difference,
    difference_low, difference_high, p,
    holm(p, list(p) OVER family) AS holm_p,
    smallest_detectable(n_scenes, background, 0.05 / count(*) OVER family, size * n_scenes / n) AS smallest_detectable,
    error AS difference_error,
    n_only_a, n_only_b, mcnemar_p,
    holm(mcnemar_p, list(mcnemar_p) OVER family) AS mcnemar_holm_p
FROM both_ways
WINDOW family AS (PARTITION BY run_a, run_b, variant);

COMMENT ON VIEW run_compare IS 'One row per pair of runs on one data set (in both orders), category and variant: both on the questions that both answered. Name both runs in WHERE.';
COMMENT ON COLUMN run_compare.n_scenes_changed IS 'Scenes on which one run has more right answers than the other; the test is over these.';
COMMENT ON COLUMN run_compare.difference IS 'accuracy_b less accuracy_a.';
COMMENT ON COLUMN run_compare.difference_low IS '95% interval of the difference over scenes, lower end; questions of a scene may agree.';
COMMENT ON COLUMN run_compare.p IS 'Two-sided sign-flip test over scenes (mid-p); questions of a scene may agree.';
COMMENT ON COLUMN run_compare.holm_p IS 'p after Holm''s correction for all categories of this pair and variant, whichever of them are looked at.';
COMMENT ON COLUMN run_compare.smallest_detectable IS 'A true difference that this test finds after the correction (p below 0.05 over the number of categories) at least four times out of five; an upper bound where nothing differs; NULL where no difference would be.';
COMMENT ON COLUMN run_compare.difference_error IS 'Standard error of the difference, questions of a scene allowed to agree; NULL below two scenes.';
COMMENT ON COLUMN run_compare.n_only_a IS 'Questions that only run_a has right.';
COMMENT ON COLUMN run_compare.mcnemar_p IS 'Exact two-sided McNemar test, which takes questions of a scene as independent.';
COMMENT ON COLUMN run_compare.mcnemar_holm_p IS 'mcnemar_p after Holm''s correction for the categories of this pair and variant.';
