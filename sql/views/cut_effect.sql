CREATE OR REPLACE VIEW cut_effect AS
SELECT
    t.run, t.experiment, t.intervention, i.region, i.from_rows, i.layers, i.layer_heads,
    t.* EXCLUDE (run, experiment, intervention)
FROM edit_tested('knock-out', true) AS t
JOIN intervention AS i USING (intervention);

COMMENT ON VIEW cut_effect IS 'One row per run, cut, category and variant: how often the answer flips and how far the right option''s log-odds move, beside the matched random sets.';
COMMENT ON COLUMN cut_effect.layers IS 'The layers cut, from 0; NULL is all.';
COMMENT ON COLUMN cut_effect.layer_heads IS 'The heads cut, as layer.head; NULL is all of these layers.';
COMMENT ON COLUMN cut_effect.flip_rate IS 'Share of choices that differ from the plain answer''s; 95% interval over scenes beside it.';
COMMENT ON COLUMN cut_effect.mean_change IS 'Mean change of the right option''s log-odds; 95% interval over scenes beside it.';
COMMENT ON COLUMN cut_effect.n_draws IS 'Matched random sets that were cut beside it; NULL without control.';
COMMENT ON COLUMN cut_effect.n_control IS 'Questions that leave room for a matched random set; what follows is over these.';
COMMENT ON COLUMN cut_effect.control_change IS 'Mean change under the random sets, averaged within a question first.';
COMMENT ON COLUMN cut_effect.beyond_control IS 'Mean change beyond the random sets'', question by question; 95% interval over scenes beside it.';
COMMENT ON COLUMN cut_effect.p IS 'Two-sided sign-flip test over scenes of no change beyond the random sets (changes in hundredths of the largest).';
COMMENT ON COLUMN cut_effect.holm_p IS 'p after Holm''s correction for all rows of the experiment on this run.';
