CREATE OR REPLACE VIEW probe_versus_published AS
SELECT
    x.run,
    x.probe,
    p.source,
    x.category,
    x.label,
    x.split,
    x.protocol,
    x.n_classes,
    p.n_classes AS n_classes_published,
    x.n,
    p.n_test AS n_published,
    x.accuracy,
    wilson_low(round(p.acc_all * p.n_test), p.n_test) AS accuracy_published_low,
    p.acc_all AS accuracy_published,
    wilson_high(round(p.acc_all * p.n_test), p.n_test) AS accuracy_published_high,
    x.accuracy - p.acc_all AS accuracy_difference,
    x.majority,
    x.shuffled,
    x.prompt_only
FROM probe_by_layer AS x
JOIN reference_probe_accuracy AS p USING (category, label)
WHERE x.layer IS NULL AND x.subset = 'all';

COMMENT ON VIEW probe_versus_published IS 'One row per probe on all layers side by side and published source: its accuracy beside the published one. The study''s stands for --protocol seed --layers all.';
COMMENT ON COLUMN probe_versus_published.accuracy_published_low IS 'Wilson 95% interval of the published accuracy, lower end.';
COMMENT ON COLUMN probe_versus_published.accuracy_published_high IS 'Wilson 95% interval of the published accuracy, upper end.';
COMMENT ON COLUMN probe_versus_published.prompt_only IS 'What the words of the prompt give away here; the study has no such control.';
