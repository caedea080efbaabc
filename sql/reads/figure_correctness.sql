-- What tells a run's right answers from its wrong ones, where there are both.
SELECT category, variant, predictor, n_right, n_wrong, n_scenes, auroc, ci_low, ci_high
FROM correctness_predictors
WHERE run = $run AND auroc IS NOT NULL
ORDER BY coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant,
    coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, predictor;
