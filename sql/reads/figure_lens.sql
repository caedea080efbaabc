-- In which layers a run's right options are the likeliest by the logit lens, on raw pictures.
SELECT category, layer, n, n_scenes, right_first, ci_low, ci_high, right_from_here, chosen_first, log_odds
FROM logit_lens_by_layer
WHERE run = $run AND variant = 'raw'
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, layer;
