-- Two runs on the questions and pictures that both answered: accuracy of each (b: the other one), the difference b less
-- a, and its test over scenes.
SELECT
    category, variant, n, n_scenes, accuracy_a, accuracy_b, difference, difference_low, difference_high, p, holm_p,
    smallest_detectable
FROM run_compare
WHERE run_a = $run AND run_b = $other
ORDER BY coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant,
    coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
