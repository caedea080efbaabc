-- Per category and variant of one run, how its answers hold when questions are put in other ways.
SELECT
    category, variant, n, n_answers, accuracy, accuracy_low, accuracy_high, accuracy_plain, worst_case, worst_case_low,
    worst_case_high, flips, flips_low, flips_high, flips_by_order, flips_by_wording
FROM robustness
WHERE run = $run
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category,
    coalesce(list_position(['raw', 'masked', 'changed', 'placebo'], variant), 99), variant;
