-- A run's probes on all layers side by side, beside the published ones.
SELECT
    probe, category, label, source, n, n_published, accuracy, accuracy_published_low, accuracy_published,
    accuracy_published_high, accuracy_difference
FROM probe_versus_published
WHERE run = $run
ORDER BY probe, category, label, source;
