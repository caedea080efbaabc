-- Of the right raw answers the share still right on the masked picture, and of the wrong ones the share right there:
-- over all twins, and over those whose picture differs.
SELECT
    a.category, a.n, a.accuracy_raw, a.accuracy_masked, a.retain_rate, a.fix_rate, a.n_correct_raw, a.n_incorrect_raw,
    c.n AS n_changed, c.retain_rate AS retain_rate_changed, c.fix_rate AS fix_rate_changed
FROM raw_vs_masked AS a
LEFT JOIN raw_vs_masked_changed AS c USING (run, category)
WHERE a.run = $run
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
