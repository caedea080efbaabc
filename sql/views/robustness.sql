CREATE OR REPLACE VIEW robustness AS
WITH of_question AS (
    SELECT
        run, category, variant, scene_id, question_index,
        count(*) AS n_presentations,
        avg(correct::INTEGER) AS accuracy,
        bool_and(correct) AS always,
        bool_or(correct) AS ever,
        bool_and(correct) FILTER (presentation = 'plain') AS plain,
        count(DISTINCT coalesce(option_chosen, '')) > 1 AS flips,
        count(DISTINCT coalesce(option_chosen, '')) FILTER (wording = '') > 1 AS flips_by_order,
        count(*) FILTER (wording = '') > 1 AS has_orders,
        count(DISTINCT coalesce(option_chosen, '')) FILTER (option_order = '') > 1 AS flips_by_wording,
        count(*) FILTER (option_order = '') > 1 AS has_wordings
    FROM answer_presented
    WHERE correct IS NOT NULL
    GROUP BY run, category, variant, scene_id, question_index
    HAVING count(*) > 1
), of_scene AS (
    SELECT
        run, category, variant, scene_id,
        count(*) AS n,
        sum(n_presentations) AS n_answers,
        sum(accuracy) AS accuracy,
        count(*) FILTER (always) AS always,
        count(*) FILTER (ever) AS ever,
        count(plain) AS n_plain,
        count(*) FILTER (plain) AS plain,
        count(*) FILTER (flips) AS flips,
        nullif(count(*) FILTER (has_orders), 0) AS n_orders,
        count(*) FILTER (flips_by_order) AS flips_by_order,
        nullif(count(*) FILTER (has_wordings), 0) AS n_wordings,
        count(*) FILTER (flips_by_wording) AS flips_by_wording
    FROM of_question
    GROUP BY run, category, variant, scene_id
)
SELECT
    run, category, variant,
    sum(n)::BIGINT AS n,
    count(*) AS n_scenes,
    sum(n_answers)::BIGINT AS n_answers,
    sum(accuracy) / sum(n) AS accuracy,
    accuracy_end(n, accuracy, -1) AS accuracy_low,
    accuracy_end(n, accuracy, 1) AS accuracy_high,
    sum(plain) / nullif(sum(n_plain), 0) AS accuracy_plain,
    sum(always) / sum(n) AS worst_case,
    accuracy_end(n, always, -1) AS worst_case_low,
    accuracy_end(n, always, 1) AS worst_case_high,
    sum(ever) / sum(n) AS best_case,
    sum(flips) / sum(n) AS flips,
    accuracy_end(n, flips, -1) AS flips_low,
    accuracy_end(n, flips, 1) AS flips_high,
    coalesce(sum(n_orders), 0)::BIGINT AS n_orders,
    sum(flips_by_order) / sum(n_orders) AS flips_by_order,
    coalesce(sum(n_wordings), 0)::BIGINT AS n_wordings,
    sum(flips_by_wording) / sum(n_wordings) AS flips_by_wording
FROM of_scene
GROUP BY run, category, variant;

COMMENT ON VIEW robustness IS 'One row per run, category and variant, of runs with --orders or --wordings: do answers hold when the same question is put in other ways? Over questions put in more than one.';
COMMENT ON COLUMN robustness.n_answers IS 'Answers to them, however they were put.';
COMMENT ON COLUMN robustness.accuracy IS 'Mean over questions of the share of their presentations answered rightly; accuracy_low and accuracy_high are its 95% interval over scenes.';
COMMENT ON COLUMN robustness.accuracy_plain IS 'Over the same questions as their set puts them, where that was answered.';
COMMENT ON COLUMN robustness.worst_case IS 'Share of questions answered rightly however they were put, with its interval.';
COMMENT ON COLUMN robustness.best_case IS 'Share answered rightly at least once.';
COMMENT ON COLUMN robustness.flips IS 'Share of questions on which not always the same option is chosen, wherever it stands, with its interval. An unreadable answer counts as an option of its own.';
COMMENT ON COLUMN robustness.flips_by_order IS 'The same when only the order of the options differs; over n_orders questions.';
COMMENT ON COLUMN robustness.flips_by_wording IS 'The same when only the words differ; over n_wordings questions.';
