-- How far a run's attention moves from the raw to the masked picture by layer, over twins that differ: means and standard
-- deviations over questions; l1_low, l1_high: 95% interval of the mean, clustered by scene. study_l1: the study's own
-- measure, identical twins included.
WITH of_scene AS (
    SELECT layer, scene_id, count(l1) AS n, sum(l1) AS l1
    FROM attention_shift
    WHERE run = $run AND twin_changed IS DISTINCT FROM false
    GROUP BY layer, scene_id
), moments AS (
    SELECT layer, scene_moments(nullif(n, 0), l1) AS l1 FROM of_scene GROUP BY layer
)
SELECT s.layer, s.n, s.l1, s.l1_sd, scene_mean_end(m.l1, -1) AS l1_low, scene_mean_end(m.l1, 1) AS l1_high,
    s.l2, s.l2_sd, s.kl, s.kl_sd, s.cosine, s.cosine_sd, s.n_study, s.study_l1, s.study_l1_sd
FROM attention_shift_by_layer AS s
LEFT JOIN moments AS m ON m.layer = s.layer
WHERE s.run = $run
ORDER BY s.layer;
