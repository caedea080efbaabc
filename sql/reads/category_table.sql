-- Per category of one run: accuracy raw, masked and blank with intervals over scenes, over the unambiguous questions
-- too, beside what the words alone give away (of the raw truth, and of the twins'), the share of unreadable answers, and
-- the paired difference with its test. Rows without a masked (or raw) answer keep NULLs. Categories in the study's order.
WITH wide AS (
    SELECT
        category,
        max(n) FILTER (variant = 'raw') AS n_raw,
        max(accuracy) FILTER (variant = 'raw') AS raw,
        max(ci_low) FILTER (variant = 'raw') AS raw_low,
        max(ci_high) FILTER (variant = 'raw') AS raw_high,
        max(accuracy_clean) FILTER (variant = 'raw') AS raw_clean,
        max(n_clean) FILTER (variant = 'raw') AS n_raw_clean,
        max(n) FILTER (variant = 'masked') AS n_masked,
        max(accuracy) FILTER (variant = 'masked') AS masked,
        max(ci_low) FILTER (variant = 'masked') AS masked_low,
        max(ci_high) FILTER (variant = 'masked') AS masked_high,
        max(accuracy_clean) FILTER (variant = 'masked') AS masked_clean,
        max(n) FILTER (variant = 'blank') AS n_blank,
        max(accuracy) FILTER (variant = 'blank') AS blank,
        max(ci_low) FILTER (variant = 'blank') AS blank_low,
        max(ci_high) FILTER (variant = 'blank') AS blank_high,
        max(accuracy_clean) FILTER (variant = 'blank') AS blank_clean,
        sum(unreadable * n) / sum(n) AS unreadable,
        max(words_alone) FILTER (variant IN ('raw', 'blank')) AS words_alone,
        max(words_alone_low) FILTER (variant IN ('raw', 'blank')) AS words_alone_low,
        max(words_alone_high) FILTER (variant IN ('raw', 'blank')) AS words_alone_high,
        max(n_words_alone) FILTER (variant IN ('raw', 'blank')) AS n_words_alone,
        max(likeliest) FILTER (variant IN ('raw', 'blank')) AS likeliest,
        max(words_alone) FILTER (variant = 'masked') AS masked_words_alone,
        max(words_alone_low) FILTER (variant = 'masked') AS masked_words_alone_low,
        max(words_alone_high) FILTER (variant = 'masked') AS masked_words_alone_high,
        max(n_words_alone) FILTER (variant = 'masked') AS n_masked_words_alone,
        max(likeliest) FILTER (variant = 'masked') AS masked_likeliest
    FROM accuracy_by_category
    WHERE run = $run
    GROUP BY category
)
SELECT
    wide.*, p.n AS n_paired, p."drop", p.drop_low, p.drop_high, r.retain_rate, r.fix_rate, p.p, p.holm_p, p.mcnemar_p
FROM wide
LEFT JOIN (FROM raw_vs_masked_test WHERE run = $run) AS p USING (category)
LEFT JOIN (FROM raw_vs_masked WHERE run = $run) AS r USING (category)
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
