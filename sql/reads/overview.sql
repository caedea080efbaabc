-- A run by category and over all of them (category NULL): each variant's accuracy with its interval over scenes, over
-- the unambiguous questions too, and the paired difference of raw and masked. p: sign-flip test over scenes; holm_p:
-- after Holm's correction for the categories (the line over all of them is one test of its own). unreadable: of the answers
-- on all variants, as relcli runs show has it.
WITH wide AS (
    SELECT
        q.category, i.scene_id,
        bool_and(i.correct) FILTER (i.variant = 'raw') AS raw,
        bool_and(i.correct) FILTER (i.variant = 'masked') AS masked,
        bool_and(i.correct) FILTER (i.variant = 'blank') AS blank,
        any_value(NOT coalesce(list_has_any(q.flaws, ['equivalent_option', 'two_axes', 'referent_not_unique']), false))
            AS clean,
        count(*) AS n_answers,
        count(*) FILTER (i.choice IS NULL) AS n_unreadable
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.run = $run AND i.correct IS NOT NULL
    GROUP BY q.category, i.scene_id, i.question_index
), of_scene AS (
    SELECT
        category, scene_id, grouping(category) AS is_all,
        -- NULL, not 0, where a scene has none: the intervals are over scenes that have
        nullif(count(raw), 0) AS n_raw,
        CASE WHEN count(raw) > 0 THEN count(*) FILTER (raw) END AS k_raw,
        nullif(count(masked), 0) AS n_masked,
        CASE WHEN count(masked) > 0 THEN count(*) FILTER (masked) END AS k_masked,
        nullif(count(blank), 0) AS n_blank,
        CASE WHEN count(blank) > 0 THEN count(*) FILTER (blank) END AS k_blank,
        count(raw) FILTER (clean) AS n_raw_clean,
        count(*) FILTER (raw AND clean) AS k_raw_clean,
        count(masked) FILTER (clean) AS n_masked_clean,
        count(*) FILTER (masked AND clean) AS k_masked_clean,
        count(*) FILTER (raw AND masked) AS kept,
        count(*) FILTER (raw AND NOT masked) AS lost,
        count(*) FILTER (NOT raw AND masked) AS gained,
        nullif(count(*) FILTER (raw IS NOT NULL AND masked IS NOT NULL), 0) AS n_paired,
        sum(n_unreadable) AS n_unreadable,
        sum(n_answers) AS n_answers
    FROM wide
    GROUP BY GROUPING SETS ((category, scene_id), (scene_id))
), counted AS (
    SELECT
        is_all, category,
        coalesce(sum(n_raw), 0)::BIGINT AS n_raw,
        sum(k_raw) / sum(n_raw) AS raw,
        accuracy_end(n_raw, k_raw, -1) AS raw_low,
        accuracy_end(n_raw, k_raw, 1) AS raw_high,
        sum(k_raw_clean) / nullif(sum(n_raw_clean), 0) AS raw_clean,
        coalesce(sum(n_masked), 0)::BIGINT AS n_masked,
        sum(k_masked) / sum(n_masked) AS masked,
        accuracy_end(n_masked, k_masked, -1) AS masked_low,
        accuracy_end(n_masked, k_masked, 1) AS masked_high,
        sum(k_masked_clean) / nullif(sum(n_masked_clean), 0) AS masked_clean,
        coalesce(sum(n_blank), 0)::BIGINT AS n_blank,
        sum(k_blank) / sum(n_blank) AS blank,
        accuracy_end(n_blank, k_blank, -1) AS blank_low,
        accuracy_end(n_blank, k_blank, 1) AS blank_high,
        coalesce(sum(n_paired), 0)::BIGINT AS n_paired,
        sum(kept)::BIGINT AS kept,
        sum(lost)::BIGINT AS lost,
        sum(gained)::BIGINT AS gained,
        difference_end(n_paired, CASE WHEN n_paired > 0 THEN lost - gained END, -1) AS drop_low,
        difference_end(n_paired, CASE WHEN n_paired > 0 THEN lost - gained END, 1) AS drop_high,
        CASE WHEN sum(n_paired) > 0 THEN sign_flip_p(lost - gained) END AS p,
        sum(n_unreadable) / sum(n_answers) AS unreadable
    FROM of_scene
    GROUP BY is_all, category
)
SELECT
    category,
    n_raw, raw, raw_low, raw_high, raw_clean,
    n_masked, masked, masked_low, masked_high, masked_clean,
    n_blank, blank, blank_low, blank_high,
    unreadable, n_paired, lost, gained,
    (lost - gained) / nullif(n_paired, 0) AS "drop", drop_low, drop_high,
    kept / nullif(kept + lost, 0) AS retain_rate,
    gained / nullif(n_paired - kept - lost, 0) AS fix_rate,
    p, holm(p, list(p) OVER (PARTITION BY is_all)) AS holm_p,
    if(n_paired > 0, mcnemar_p(lost, gained), NULL) AS mcnemar_p
FROM counted
WHERE n_raw + n_masked + n_blank > 0
ORDER BY is_all, coalesce(list_position(['count', 'recognition_shape', 'recognition_color',
    'recognition_shape_and_color', 'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category),
    99), category;
