-- What each layer of one answer would give each option, in order.
SELECT layer, letter, logprob, is_right, is_chosen
FROM logit_lens
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index AND variant = $variant
ORDER BY layer, letter = 'none', letter;
