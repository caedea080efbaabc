CREATE OR REPLACE VIEW attention_shift_by_correctness AS
SELECT * EXCLUDE (layer, category)
FROM attention_shift_means('correct_raw', 'mean_heads');

COMMENT ON VIEW attention_shift_by_correctness IS 'One row per run and grade of the raw answer, over all layers: mean and standard deviation (n - 1) of the shift of attention from raw to masked. Twins that are the original pixel for pixel, where nothing can move, are left out of all but n_study and study_*.';
COMMENT ON COLUMN attention_shift_by_correctness.n IS 'Rows of attention_shift: questions times layers.';
COMMENT ON COLUMN attention_shift_by_correctness.n_kl IS 'Those with a finite kl, which its mean is over.';
COMMENT ON COLUMN attention_shift_by_correctness.study_l1 IS 'The column to lay beside the study: l1_unnormalised with identical twins, over n_study rows (the study took its first 3,000 questions, in float16: three digits).';
