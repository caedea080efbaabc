CREATE OR REPLACE VIEW attention_shift_by_layer AS
SELECT
    run,
    layer,
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
FROM attention_shift
GROUP BY run, layer;

COMMENT ON VIEW attention_shift_by_layer IS 'One row per run and layer: mean and standard deviation (n - 1) of the shift of attention from raw to masked.';
COMMENT ON COLUMN attention_shift_by_layer.n IS 'Questions with attention on both pictures.';
COMMENT ON COLUMN attention_shift_by_layer.n_kl IS 'Those with a finite kl, which its mean is over.';
