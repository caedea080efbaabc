-- Per category of one run: accuracy raw and masked with Wilson intervals, and the paired difference. Rows without
-- a masked (or raw) answer keep NULLs. Categories in the study's order.
WITH wide AS (
    SELECT
        category,
        max(n) FILTER (variant = 'raw') AS n_raw,
        max(accuracy) FILTER (variant = 'raw') AS raw,
        max(ci_low) FILTER (variant = 'raw') AS raw_low,
        max(ci_high) FILTER (variant = 'raw') AS raw_high,
        max(n) FILTER (variant = 'masked') AS n_masked,
        max(accuracy) FILTER (variant = 'masked') AS masked,
        max(ci_low) FILTER (variant = 'masked') AS masked_low,
        max(ci_high) FILTER (variant = 'masked') AS masked_high,
        max(n) FILTER (variant = 'blank') AS n_blank,
        max(accuracy) FILTER (variant = 'blank') AS blank,
        max(ci_low) FILTER (variant = 'blank') AS blank_low,
        max(ci_high) FILTER (variant = 'blank') AS blank_high
    FROM accuracy_by_category
    WHERE run = $run
    GROUP BY category
)
SELECT wide.*, p.n AS n_paired, p."drop", p.retain_rate, p.fix_rate, p.mcnemar_p
FROM wide
LEFT JOIN (FROM raw_vs_masked WHERE run = $run) AS p USING (category)
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
