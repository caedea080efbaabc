-- What tells a run's right answers from its wrong ones, where there are ten of both: fewer say nothing.
SELECT category, variant, predictor, n_right, n_wrong, n_scenes, auroc, ci_low, ci_high
FROM correctness_predictors
WHERE run = $run AND n_right >= 10 AND n_wrong >= 10
ORDER BY coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant,
    coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, predictor;
