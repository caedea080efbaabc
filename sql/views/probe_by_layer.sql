CREATE OR REPLACE VIEW probe_by_layer AS
SELECT
    p.run,
    r.model,
    r.question_set,
    p.probe,
    x.category,
    x.label,
    p.features,
    p.variant,
    p.split,
    p.protocol,
    x.layer,
    x.subset,
    x.n_classes,
    x.n_samples,
    x.n,
    x.accuracy,
    wilson_low(round(x.accuracy * x.n), x.n) AS ci_low,
    wilson_high(round(x.accuracy * x.n), x.n) AS ci_high,
    x.se,
    x.majority,
    x.shuffled,
    x.prompt_only,
    x.accuracy - x.shuffled AS selectivity,
    x.accuracy - x.prompt_only AS over_prompt,
    x.shuffled_sd
FROM probe_result AS x
JOIN probe AS p USING (run, probe)
LEFT JOIN run AS r USING (run);

COMMENT ON VIEW probe_by_layer IS 'One row per probe, label, layer and subset of answers: what is read off the attention, beside its controls.';
COMMENT ON COLUMN probe_by_layer.layer IS 'Counts from 0; NULL for all layers side by side.';
COMMENT ON COLUMN probe_by_layer.n IS 'Test rows scored; below the probe''s min_subset the accuracy is NULL.';
COMMENT ON COLUMN probe_by_layer.ci_low IS 'Wilson 95% interval, lower end, taking rows as independent; se takes folds.';
COMMENT ON COLUMN probe_by_layer.ci_high IS 'Wilson 95% interval, upper end.';
COMMENT ON COLUMN probe_by_layer.selectivity IS 'accuracy minus what the same probe reaches on shuffled labels, on average over the shuffles.';
COMMENT ON COLUMN probe_by_layer.shuffled_sd IS 'Standard deviation of shuffled over the shuffles, and so of selectivity; NULL from one shuffle.';
COMMENT ON COLUMN probe_by_layer.over_prompt IS 'accuracy less what the words of the prompt give away; near or below 0 says nothing about looking.';
