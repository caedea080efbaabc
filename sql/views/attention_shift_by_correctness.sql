CREATE OR REPLACE VIEW attention_shift_by_correctness AS
SELECT
    a.run,
    i.correct AS correct_raw,
    count(*) AS n,
    avg(l1) AS l1,
    stddev_samp(l1) AS l1_sd,
    avg(l2) AS l2,
    stddev_samp(l2) AS l2_sd,
    avg(kl) AS kl,
    stddev_samp(kl) AS kl_sd,
    count(kl) AS n_kl,
    avg(cosine) AS cosine,
    stddev_samp(cosine) AS cosine_sd,
    avg(l1_unnormalised) AS l1_unnormalised,
    stddev_samp(l1_unnormalised) AS l1_unnormalised_sd,
    avg(l2_unnormalised) AS l2_unnormalised,
    stddev_samp(l2_unnormalised) AS l2_unnormalised_sd
FROM attention_shift AS a
JOIN inference AS i ON i.run = a.run AND i.scene_id = a.scene_id AND i.question_index = a.question_index
    AND i.variant = 'raw'
WHERE i.correct IS NOT NULL
GROUP BY a.run, i.correct;

COMMENT ON VIEW attention_shift_by_correctness IS 'One row per run and grade of the raw answer, over all layers: mean and standard deviation (n - 1) of the shift of attention from raw to masked.';
COMMENT ON COLUMN attention_shift_by_correctness.n IS 'Rows of attention_shift: questions times layers.';
COMMENT ON COLUMN attention_shift_by_correctness.n_kl IS 'Those with a finite kl, which its mean is over.';
