-- Is a small drop no drop, or too few scenes? The drop, its p-value corrected for the run's categories, and a true drop
-- that this test would have found four times out of five (NULL: none).
SELECT run, category, n, n_scenes, "drop", holm_p, smallest_detectable,
    CASE WHEN holm_p < 0.05 THEN 'a difference' ELSE 'none found' END AS verdict
FROM raw_vs_masked_test
ORDER BY run, holm_p, category;
