-- What masking costs a run by category: the paired drop, its test over scenes and the smallest drop that would have been found.
SELECT category, n, n_scenes, n_scenes_changed, "drop", drop_low, drop_high, p, holm_p, smallest_detectable, mcnemar_p
FROM raw_vs_masked_test
WHERE run = $run
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
