CREATE OR REPLACE VIEW attention_shift_by_correctness AS
SELECT
    a.run,
    i.correct AS correct_raw,
    count(*) FILTER (differs) AS n,
    avg(l1) FILTER (differs) AS l1,
    stddev_samp(l1) FILTER (differs) AS l1_sd,
    avg(l2) FILTER (differs) AS l2,
    stddev_samp(l2) FILTER (differs) AS l2_sd,
    avg(kl) FILTER (differs) AS kl,
    stddev_samp(kl) FILTER (differs) AS kl_sd,
    count(kl) FILTER (differs) AS n_kl,
    avg(cosine) FILTER (differs) AS cosine,
    stddev_samp(cosine) FILTER (differs) AS cosine_sd,
    avg(l1_unnormalised) FILTER (differs) AS l1_unnormalised,
    stddev_samp(l1_unnormalised) FILTER (differs) AS l1_unnormalised_sd,
    avg(l2_unnormalised) FILTER (differs) AS l2_unnormalised,
    stddev_samp(l2_unnormalised) FILTER (differs) AS l2_unnormalised_sd,
    count(*) AS n_study,
    avg(l1_unnormalised) AS study_l1,
    stddev_samp(l1_unnormalised) AS study_l1_sd
FROM (SELECT *, twin_changed IS DISTINCT FROM false AS differs FROM attention_shift) AS a
JOIN inference AS i ON i.run = a.run AND i.scene_id = a.scene_id AND i.question_index = a.question_index
    AND i.variant = 'raw'
WHERE i.correct IS NOT NULL
GROUP BY a.run, i.correct;

COMMENT ON VIEW attention_shift_by_correctness IS 'One row per run and grade of the raw answer, over all layers: mean and standard deviation (n - 1) of the shift of attention from raw to masked. Twins that are the original pixel for pixel, where nothing can move, are left out of all but n_study and study_*.';
COMMENT ON COLUMN attention_shift_by_correctness.n IS 'Rows of attention_shift: questions times layers.';
COMMENT ON COLUMN attention_shift_by_correctness.n_kl IS 'Those with a finite kl, which its mean is over.';
COMMENT ON COLUMN attention_shift_by_correctness.study_l1 IS 'The column to lay beside the study: l1_unnormalised with identical twins, over n_study rows (the study took its first 3,000 questions, in float16: three digits).';
