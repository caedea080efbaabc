-- Two sides (a run and a variant each) on the questions both answered, by category: the difference, B less A, with its
-- interval and tests, as in the view run_compare. Holm's family are all categories both have, whatever is shown of them.
WITH of_scene AS (
    SELECT
        category, scene_id,
        count(*) AS n,
        count(*) FILTER (correct_a) AS right_a,
        count(*) FILTER (correct_b) AS right_b,
        count(*) FILTER (clean) AS n_clean,
        count(*) FILTER (correct_a AND clean) AS right_a_clean,
        count(*) FILTER (correct_b AND clean) AS right_b_clean,
        count(*) FILTER (correct_a AND NOT correct_b) AS lost,
        count(*) FILTER (correct_b AND NOT correct_a) AS gained
    FROM paired_answers_of($run_a, $variant_a, $run_b, $variant_b)
    GROUP BY category, scene_id
), tested AS (
    SELECT
        category,
        sum(n)::BIGINT AS n,
        count(*) AS n_scenes,
        count(*) FILTER (lost <> gained) AS n_scenes_changed,
        sum(right_a) / sum(n) AS accuracy_a,
        sum(right_b) / sum(n) AS accuracy_b,
        sum(right_a_clean) / nullif(sum(n_clean), 0) AS accuracy_a_clean,
        sum(right_b_clean) / nullif(sum(n_clean), 0) AS accuracy_b_clean,
        difference_end(n, gained - lost, -1) AS low,
        difference_end(n, gained - lost, 1) AS high,
        sum(lost)::BIGINT AS lost,
        sum(gained)::BIGINT AS gained,
        sign_flip_p(gained - lost) AS p,
        background_change(n, gained - lost) AS background,
        change_size(n, gained - lost) AS size,
        mcnemar_p(sum(lost)::BIGINT, sum(gained)::BIGINT) AS mcnemar_p
    FROM of_scene
    GROUP BY category
)
SELECT
    category, n, n_scenes, n_scenes_changed, accuracy_a, accuracy_b, accuracy_a_clean, accuracy_b_clean,
    (gained - lost) / n AS difference, low, high, lost, gained, p,
    holm(p, list(p) OVER ()) AS p_holm,
    smallest_detectable(n_scenes, background, 0.05 / count(*) OVER (), size * n_scenes / n) AS detectable,
    mcnemar_p,
    holm(mcnemar_p, list(mcnemar_p) OVER ()) AS mcnemar_p_holm
FROM tested
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
