-- Where each token of one answer's question looks in every layer, in order.
SELECT layer, token_index, text, image_mass, target, chance, distractor, arrow, removed, sink, rest
FROM attention_by_token
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index AND variant = $variant
ORDER BY layer, token_index;
