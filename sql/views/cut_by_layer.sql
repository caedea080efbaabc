CREATE OR REPLACE VIEW cut_by_layer AS
SELECT
    t.run, t.experiment, t.intervention, i.region, i.from_rows,
    list_min(i.layers) AS layer,
    len(i.layers) AS n_layers,
    t.* EXCLUDE (run, experiment, intervention, category)
FROM edit_tested('knock-out', false) AS t
JOIN intervention AS i USING (intervention)
WHERE t.intervention <> t.experiment;

COMMENT ON VIEW cut_by_layer IS 'One row per run, step of a sweep over layers, and variant: the effect of a cut in these layers alone, over all categories.';
COMMENT ON COLUMN cut_by_layer.layer IS 'The first layer of the step, from 0; n_layers from there on are cut.';
COMMENT ON COLUMN cut_by_layer.holm_p IS 'p after Holm''s correction for all steps and variants of the sweep. The other columns are those of cut_effect.';
