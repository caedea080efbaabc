-- How far a run's attention moves from the raw to the masked picture by layer, over twins that differ: means and
-- standard deviations over questions. study_l1: the study's own measure, identical twins included.
SELECT layer, n, l1, l1_sd, l2, l2_sd, kl, kl_sd, cosine, cosine_sd, n_study, study_l1, study_l1_sd
FROM attention_shift_by_layer
WHERE run = $run
ORDER BY layer;
