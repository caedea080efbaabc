CREATE OR REPLACE VIEW inference AS
SELECT * EXCLUDE (presentation, intervention)
FROM answer
WHERE presentation = 'plain' AND intervention = 'none';

COMMENT ON VIEW inference IS 'One row per plain answer: a question put to a model on one variant of a scene, as its set words it and with nothing cut.';
COMMENT ON COLUMN inference.variant IS 'raw, masked or blank; blank is graded against the raw answer.';
COMMENT ON COLUMN inference.answer IS 'The decoded reply without special tokens, stripped, case kept.';
COMMENT ON COLUMN inference.choice IS 'The letter chosen, none, or NULL when unreadable (graded wrong).';
COMMENT ON COLUMN inference.seed_correct IS 'The study''s grade: the ground truth occurs anywhere in the answer.';
COMMENT ON COLUMN inference.option_logprobs IS 'Log-probability of each letter in the order shown, then of None.';
COMMENT ON COLUMN inference.correct IS 'The grade that counts: ours, or for imported answers the file''s own evaluation.';
COMMENT ON COLUMN inference.our_correct IS 'Imported answers only: our grade; NULL where the options can''t be read.';
COMMENT ON COLUMN inference.n_steps IS 'Tokens generated, the end token included.';
COMMENT ON COLUMN inference.truncated IS 'The reply ran into max_new_tokens.';
