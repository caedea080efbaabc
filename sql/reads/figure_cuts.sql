-- What cutting attention changes in a run, by cut, category and variant (steps of sweeps apart): how often the answer
-- flips, and how far the right option's log-odds move, beside the matched random sets.
SELECT
    intervention, region, from_rows, category, variant, n, n_scenes, flip_rate, flip_low, flip_high, control_flip_rate,
    mean_change, change_low, change_high, n_draws, n_control, control_change, beyond_control, beyond_low, beyond_high,
    p, holm_p
FROM cut_effect
WHERE run = $run AND intervention = experiment
ORDER BY intervention, coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant,
    coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
