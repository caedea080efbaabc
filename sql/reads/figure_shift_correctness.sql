-- The same by whether the raw answer was right, over all layers.
SELECT if(correct_raw, 'right', 'wrong') AS raw_answer, n, l1, l1_sd, cosine, cosine_sd, n_study, study_l1, study_l1_sd
FROM attention_shift_by_correctness
WHERE run = $run AND n > 0
ORDER BY correct_raw DESC;
