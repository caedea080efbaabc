-- Shifts that can't be: negative ones, two normalised vectors further apart than sqrt(2), a cosine above 1, or a shift
-- between two equal vectors.
SELECT run, scene_id, question_index, layer, l1, l2, kl, cosine
FROM attention_shift
WHERE l1 < 0 OR l2 < 0 OR l2 > sqrt(2) + 0.00001 OR kl < 0 OR cosine < -0.00001 OR cosine > 1.00001
    OR (l1_unnormalised = 0 AND (l1 > 0.00001 OR kl > 0.00001));
