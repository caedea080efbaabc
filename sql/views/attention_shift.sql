CREATE OR REPLACE VIEW attention_shift AS
FROM attention_shift_of('mean_heads');

COMMENT ON VIEW attention_shift IS 'One row per run, question and layer with attention on both pictures: how far mean_heads, the mean over the answer''s steps, moves from raw to masked; attention_shift_of(''first_step'') has the first step alone.';
COMMENT ON COLUMN attention_shift.twin_changed IS 'False when both pictures are the same, so that nothing can move; NULL when unknown.';
COMMENT ON COLUMN attention_shift.l1 IS 'Mean absolute difference of the vectors normalised to sum 1.';
COMMENT ON COLUMN attention_shift.l2 IS 'Euclidean distance of the vectors normalised to sum 1.';
COMMENT ON COLUMN attention_shift.kl IS 'KL(raw || masked) of the vectors normalised to sum 1, natural log; NULL if infinite.';
COMMENT ON COLUMN attention_shift.cosine IS 'Cosine similarity of the two vectors.';
COMMENT ON COLUMN attention_shift.l1_unnormalised IS 'Mean absolute difference of the vectors as they are.';
COMMENT ON COLUMN attention_shift.l2_unnormalised IS 'Euclidean distance of the vectors as they are.';
