-- How far a run's attention moves from the raw to the masked picture, by category (NULL: all) and layer; one row per
-- measure of attention_shift, over twins that differ. low and high: 95% interval of the mean, questions taken as
-- independent.
WITH mean AS (
    SELECT
        category, layer,
        count(l1) AS n_l1, avg(l1) AS l1, stddev_samp(l1) AS sd_l1,
        count(l2) AS n_l2, avg(l2) AS l2, stddev_samp(l2) AS sd_l2,
        count(kl) AS n_kl, avg(kl) AS kl, stddev_samp(kl) AS sd_kl,
        count(cosine) AS n_cosine, avg(cosine) AS cosine, stddev_samp(cosine) AS sd_cosine
    FROM attention_shift
    WHERE run = $run AND category IS NOT NULL AND twin_changed IS DISTINCT FROM false
    GROUP BY GROUPING SETS ((category, layer), (layer))
), told AS (
    UNPIVOT mean ON
        (n_l1, l1, sd_l1) AS 'l1',
        (n_l2, l2, sd_l2) AS 'l2',
        (n_kl, kl, sd_kl) AS 'kl',
        (n_cosine, cosine, sd_cosine) AS 'cosine'
    INTO NAME measure VALUE n, value, sd
)
SELECT
    measure, category, NULL::VARCHAR AS variant, layer, n, value, sd,
    value - 1.96 * sd / sqrt(n) AS low,
    value + 1.96 * sd / sqrt(n) AS high,
    NULL::DOUBLE AS chance
FROM told
WHERE n > 0
ORDER BY measure, category, layer;
