CREATE OR REPLACE VIEW steer_effect AS
SELECT
    t.run, t.experiment, t.intervention, i.region, i.from_rows, i.strength, i.layer_heads,
    t.* EXCLUDE (run, experiment, intervention)
FROM edit_tested('steer', true) AS t
JOIN intervention AS i USING (intervention);

COMMENT ON VIEW steer_effect IS 'One row per run, steering, category and variant: what drawing the attention of heads to a region does to the answers, beside as many random heads. NAME/all-heads is the same with all heads.';
COMMENT ON COLUMN steer_effect.region IS 'Where attention is drawn.';
COMMENT ON COLUMN steer_effect.strength IS 'What is added to the scores of the region''s cells before the softmax.';
COMMENT ON COLUMN steer_effect.layer_heads IS 'The heads, as layer.head; NULL is all. Heads ranked by half of the scenes: those of either half.';
COMMENT ON COLUMN steer_effect.accuracy IS 'Share of right answers, steered; plain_accuracy is that of the same questions before.';
COMMENT ON COLUMN steer_effect.mean_change IS 'Mean change of the right option''s log-odds; 95% interval over scenes beside it.';
COMMENT ON COLUMN steer_effect.control_change IS 'Mean change under the random heads, averaged within a question first.';
COMMENT ON COLUMN steer_effect.holm_p IS 'Sign-flip test over scenes of no change beyond the random heads, after Holm''s correction for all rows of the experiment. The other columns are those of cut_effect.';
