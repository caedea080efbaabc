-- Sweeps of a cut over a run's layers: what cutting each layer, or window of layers, alone changes, over all categories.
SELECT
    experiment, intervention, region, from_rows, variant, layer, n_layers, n, n_scenes, flip_rate, flip_low, flip_high,
    control_flip_rate, mean_change, change_low, change_high, control_change, beyond_control, beyond_low, beyond_high, p,
    holm_p
FROM cut_by_layer
WHERE run = $run AND layer IS NOT NULL
ORDER BY experiment, coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant, layer, intervention;
