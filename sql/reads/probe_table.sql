-- One way of probing a run, label by label: the layer chosen, its controls and its test.
FROM probe_best
WHERE run = $run AND probe = $probe AND ($labels IS NULL OR list_contains($labels, category || '.' || label));
