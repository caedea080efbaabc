-- The same by layer, over all test rows.
SELECT category, label, layer, n, accuracy, se, majority, shuffled, prompt_only
FROM probe_by_layer
WHERE run = $run AND subset = 'all' AND layer IS NOT NULL
    AND probe = (SELECT arg_max(probe, started_at) FROM probe WHERE run = $run)
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, label, layer;
