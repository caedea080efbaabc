-- One way of probing a run, label by label: the best layer and its controls.
FROM probe_best
WHERE run = $run AND probe = $probe AND ($labels IS NULL OR list_contains($labels, category || '.' || label));
