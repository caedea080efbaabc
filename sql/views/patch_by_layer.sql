CREATE OR REPLACE VIEW patch_by_layer AS
SELECT
    t.run, t.experiment, t.intervention, i.site, i.places, i.deepstack,
    list_min(i.layers) AS layer,
    len(i.layers) AS n_layers,
    i.layer_heads,
    t.* EXCLUDE (run, experiment, intervention, category)
FROM patch_tested(false) AS t
JOIN intervention AS i USING (intervention);

COMMENT ON VIEW patch_by_layer IS 'One row per run, step of a sweep and direction: does the answer follow the states copied in these layers, over all categories?';
COMMENT ON COLUMN patch_by_layer.layer IS 'The first layer, from 0; n_layers from there on are patched. NULL is all.';
COMMENT ON COLUMN patch_by_layer.follow_rate IS 'Share of choices that are the source''s and were not before; 95% interval over scenes beside it, as beside flip_rate.';
COMMENT ON COLUMN patch_by_layer.effect IS 'Normalised logit difference: 0 where the patch moves nothing, 1 where it says what the source says. 95% interval over scenes (linearised) beside it.';
COMMENT ON COLUMN patch_by_layer.control_effect IS 'The same with states of another scene''s question of the same category and length.';
COMMENT ON COLUMN patch_by_layer.holm_p IS 'Sign-flip test over scenes of no shift beyond the control, after Holm''s correction for all rows of the experiment.';
