-- The same by category, over all layers.
SELECT category, n, l1, l1_sd, cosine, cosine_sd, n_study, study_l1, study_l1_sd
FROM attention_shift_by_category
WHERE run = $run AND n > 0 AND category IS NOT NULL
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category;
