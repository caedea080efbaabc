-- Sweeps of a patch over a run's layers: whether the answer follows the states copied in each, over all categories.
SELECT
    experiment, intervention, site, places, source_variant, variant, layer, n_layers, n, n_scenes, follow_rate, follow_low,
    follow_high, control_follow_rate, effect, effect_low, effect_high, control_effect, p, holm_p
FROM patch_by_layer
WHERE run = $run AND layer IS NOT NULL
ORDER BY experiment, coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant, layer, intervention;
