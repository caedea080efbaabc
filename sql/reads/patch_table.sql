-- What the patches of one name did, by step and direction.
SELECT
    intervention, source_variant, variant, layer, n, n_scenes, follow_rate, follow_low, follow_high, flip_rate,
    effect, effect_low, effect_high, control_follow_rate, control_effect, p, holm_p
FROM patch_by_layer
WHERE run = $run AND experiment = $experiment
ORDER BY variant DESC, intervention;
