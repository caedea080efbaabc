-- Mean and standard deviation (n - 1) of the shift of attention from raw to masked by layer, by category or by whether the
-- raw answer was right: `per` is layer, category or correct_raw. `of_vector` as in attention_shift_of.
CREATE OR REPLACE MACRO attention_shift_means(per, of_vector) AS TABLE
SELECT
    a.run,
    if(per = 'layer', a.layer, NULL) AS layer,
    if(per = 'category', a.category, NULL) AS category,
    if(per = 'correct_raw', i.correct, NULL) AS correct_raw,
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
FROM (SELECT *, twin_changed IS DISTINCT FROM false AS differs FROM attention_shift_of(of_vector)) AS a
LEFT JOIN inference AS i ON per = 'correct_raw' AND i.run = a.run AND i.scene_id = a.scene_id
    AND i.question_index = a.question_index AND i.variant = 'raw'
WHERE per <> 'correct_raw' OR i.correct IS NOT NULL
GROUP BY ALL;
COMMENT ON MACRO TABLE attention_shift_means IS 'Mean shift of attention from raw to masked, per layer, category or correct_raw, of the mean over steps (vector mean_heads) or of the first step (first_step).';
