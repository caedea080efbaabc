-- What a cut cuts, in columns that views can group by, and which intervention a control belongs to.

ALTER TABLE intervention ADD COLUMN experiment VARCHAR;
ALTER TABLE intervention ADD COLUMN region VARCHAR;
ALTER TABLE intervention ADD COLUMN from_rows VARCHAR;
ALTER TABLE intervention ADD COLUMN layer_heads VARCHAR[];
ALTER TABLE intervention ADD COLUMN control_of VARCHAR;
COMMENT ON COLUMN intervention.experiment IS 'The --name it was asked for under: shared by the steps of a sweep and by all controls.';
COMMENT ON COLUMN intervention.region IS 'What is cut: target, distractor, arrow, removed, sink, random, image or text.';
COMMENT ON COLUMN intervention.from_rows IS 'Whose sight is cut: answer, question, image or all.';
COMMENT ON COLUMN intervention.layer_heads IS 'Heads as layer.head; NULL is all heads of the layers.';
COMMENT ON COLUMN intervention.control_of IS 'For a control: the intervention it is to be compared with.';
