-- A run beside the published figures, by source and category.
SELECT
    source, category, n, n_published, accuracy_raw, accuracy_raw_low, accuracy_raw_high, accuracy_raw_published,
    accuracy_raw_published_low, accuracy_raw_published_high, accuracy_masked, accuracy_masked_published,
    "drop", drop_published, retain_rate, retain_rate_published, fix_rate, fix_rate_published
FROM versus_published
WHERE run = $run
ORDER BY source, coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
