-- What each intervention of a kind did, with its random sets beside it: by category, or over all of them. A question with
-- no room for a random set counts in n, but not in what is compared with the control.
CREATE OR REPLACE MACRO edit_tested(of_kind, by_category) AS TABLE
WITH told AS MATERIALIZED (
    FROM edited_answer(of_kind)
), drawn AS (
    SELECT
        run, control_of AS intervention, scene_id, question_index, variant, count(*) AS n_draws,
        avg(flipped::INTEGER) AS flip, avg(change) AS change
    FROM told
    WHERE control_of IS NOT NULL
    GROUP BY run, control_of, scene_id, question_index, variant
), of_scene AS (
    SELECT
        c.run, c.experiment, c.intervention, if(by_category, c.category, 'all') AS category, c.variant, c.scene_id,
        count(*) AS n,
        count(*) FILTER (c.flipped) AS flips,
        count(*) FILTER (c.correct) AS correct,
        count(*) FILTER (c.plain_correct) AS plain_correct,
        count(c.change) AS n_change,
        sum(c.change) AS change,
        count(d.flip) AS n_control,
        sum(d.flip) AS control_flips,
        sum(d.change) AS control_change,
        count(c.change - d.change) AS n_beyond,
        sum(c.change - d.change) AS beyond,
        max(d.n_draws) AS n_draws
    FROM told AS c
    LEFT JOIN drawn AS d USING (run, intervention, scene_id, question_index, variant)
    WHERE c.control_of IS NULL
    GROUP BY c.run, c.experiment, c.intervention, if(by_category, c.category, 'all'), c.variant, c.scene_id
), scored AS (
    SELECT *, max(abs(beyond)) OVER (PARTITION BY run, intervention, category, variant) AS most
    FROM of_scene
), tested AS (
    SELECT
        run, experiment, intervention, category, variant,
        sum(n)::BIGINT AS n,
        count(*) AS n_scenes,
        sum(flips) / sum(n) AS flip_rate,
        accuracy_end(n, flips, -1) AS flip_low,
        accuracy_end(n, flips, 1) AS flip_high,
        sum(correct) / sum(n) AS accuracy,
        sum(plain_correct) / sum(n) AS plain_accuracy,
        sum(change) / sum(n_change) AS mean_change,
        clustered_error(nullif(n_change, 0), change) AS change_error,
        max(n_draws) AS n_draws,
        sum(n_control)::BIGINT AS n_control,
        sum(control_flips) / nullif(sum(n_control), 0) AS control_flip_rate,
        sum(control_change) / nullif(sum(n_beyond), 0) AS control_change,
        sum(beyond) / nullif(sum(n_beyond), 0) AS beyond_control,
        clustered_error(nullif(n_beyond, 0), beyond) AS beyond_error,
        CASE WHEN sum(n_beyond) > 0
            THEN sign_flip_p(CASE WHEN n_beyond > 0 THEN coalesce(round(100 * beyond / nullif(most, 0)), 0) END) END AS p
    FROM scored
    GROUP BY run, experiment, intervention, category, variant
)
SELECT
    run, experiment, intervention, category, variant, n, n_scenes,
    flip_rate, flip_low, flip_high,
    accuracy, plain_accuracy,
    mean_change,
    mean_change - 1.959963984540054 * change_error AS change_low,
    mean_change + 1.959963984540054 * change_error AS change_high,
    n_draws, n_control, control_flip_rate, control_change,
    beyond_control,
    beyond_control - 1.959963984540054 * beyond_error AS beyond_low,
    beyond_control + 1.959963984540054 * beyond_error AS beyond_high,
    p,
    holm(p, list(p) OVER family) AS holm_p
FROM tested
WINDOW family AS (PARTITION BY run, experiment);
COMMENT ON MACRO TABLE edit_tested IS 'What each intervention of a kind (knock-out, steer) did, beside its random sets: by category (true) or over all (false).';
