-- A run by category and over all of them (category NULL): each variant's accuracy with its Wilson interval, and the
-- paired difference of raw and masked.
WITH wide AS (
    SELECT
        q.category,
        bool_and(i.correct) FILTER (i.variant = 'raw') AS raw,
        bool_and(i.correct) FILTER (i.variant = 'masked') AS masked,
        bool_and(i.correct) FILTER (i.variant = 'blank') AS blank
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.run = $run AND i.correct IS NOT NULL
    GROUP BY q.category, i.scene_id, i.question_index
), counted AS (
    SELECT
        category,
        count(raw) AS n_raw,
        count(*) FILTER (raw) AS k_raw,
        count(masked) AS n_masked,
        count(*) FILTER (masked) AS k_masked,
        count(blank) AS n_blank,
        count(*) FILTER (blank) AS k_blank,
        count(*) FILTER (raw AND masked) AS kept,
        count(*) FILTER (raw AND NOT masked) AS lost,
        count(*) FILTER (NOT raw AND masked) AS gained,
        count(*) FILTER (raw IS NOT NULL AND masked IS NOT NULL) AS n_paired
    FROM wide
    GROUP BY GROUPING SETS ((category), ())
)
SELECT
    category,
    n_raw, k_raw / nullif(n_raw, 0) AS raw, wilson_low(k_raw, n_raw) AS raw_low, wilson_high(k_raw, n_raw) AS raw_high,
    n_masked, k_masked / nullif(n_masked, 0) AS masked, wilson_low(k_masked, n_masked) AS masked_low,
    wilson_high(k_masked, n_masked) AS masked_high,
    n_blank, k_blank / nullif(n_blank, 0) AS blank, wilson_low(k_blank, n_blank) AS blank_low,
    wilson_high(k_blank, n_blank) AS blank_high,
    n_paired, lost, gained,
    (lost - gained) / nullif(n_paired, 0) AS "drop",
    kept / nullif(kept + lost, 0) AS retain_rate,
    gained / nullif(n_paired - kept - lost, 0) AS fix_rate,
    if(n_paired > 0, mcnemar_p(lost, gained), NULL) AS mcnemar_p
FROM counted
WHERE n_raw + n_masked + n_blank > 0
ORDER BY category IS NULL, coalesce(list_position(['count', 'recognition_shape', 'recognition_color',
    'recognition_shape_and_color', 'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category),
    99), category;
