CREATE OR REPLACE VIEW patch_effect AS
SELECT
    t.run, t.experiment, t.intervention, i.site, i.places, i.layers, i.layer_heads, i.deepstack,
    t.* EXCLUDE (run, experiment, intervention)
FROM patch_tested(true) AS t
JOIN intervention AS i USING (intervention);

COMMENT ON VIEW patch_effect IS 'One row per run, patch, category and direction: does the answer follow the states that were copied?';
COMMENT ON COLUMN patch_effect.follow_rate IS 'Share of choices that are the source''s and were not before; 95% interval over scenes beside it, as beside flip_rate.';
COMMENT ON COLUMN patch_effect.effect IS 'Normalised logit difference: 0 where the patch moves nothing, 1 where it says what the source says. 95% interval over scenes (linearised) beside it.';
COMMENT ON COLUMN patch_effect.control_effect IS 'The same with states of another scene''s question of the same category and length.';
COMMENT ON COLUMN patch_effect.holm_p IS 'Sign-flip test over scenes of no shift beyond the control, after Holm''s correction for all rows of the experiment.';
