-- What drawing the attention of heads to a region changes in a run, by steering, category and variant, beside as many
-- random heads.
SELECT
    intervention, region, strength, category, variant, n, n_scenes, accuracy, plain_accuracy, flip_rate, flip_low,
    flip_high, control_flip_rate, mean_change, change_low, change_high, control_change, beyond_control, p, holm_p
FROM steer_effect
WHERE run = $run
ORDER BY intervention, coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant,
    coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
