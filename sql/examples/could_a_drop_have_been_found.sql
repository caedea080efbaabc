-- Is a small drop no drop, or too few questions? The drop, its p-value corrected for seven categories, and the smallest
-- true drop this many questions would have found.
SELECT run, category, n, "drop", holm_p, smallest_detectable,
    CASE WHEN holm_p < 0.05 THEN 'a difference' ELSE 'none found' END AS verdict
FROM raw_vs_masked_test
ORDER BY run, holm_p, category;
