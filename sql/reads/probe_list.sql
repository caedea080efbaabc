-- All probes of a run, label by label, the latest way of probing first: the layer chosen, its controls and its test.
SELECT
    b.probe, p.state, p.started_at, b.category, b.label, b.features, b.variant, b.split, b.protocol, p.folds, p.seed,
    b.n_classes, b.n, b.n_layers, b.layer, b.accuracy, b.se, b.majority, b.shuffled, b.prompt_only, b.all_layers,
    b.all_layers_se, b.chosen, b.p_holm, b.beats_controls
FROM probe_best AS b
JOIN probe AS p USING (run, probe)
WHERE b.run = $run
ORDER BY p.started_at DESC, b.probe, b.category, b.label;
