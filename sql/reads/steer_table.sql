-- What the steering of one name did, by category and variant.
SELECT
    intervention, category, variant, n, n_scenes, accuracy, plain_accuracy, flip_rate, flip_low, flip_high,
    control_flip_rate, mean_change, change_low, change_high, control_change, beyond_control, p, holm_p
FROM steer_effect
WHERE run = $run AND experiment = $experiment
ORDER BY intervention, category, variant;
