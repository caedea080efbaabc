-- What one row of an answer's question looked at in every layer: mean over heads, and over the tokens of its role.
SELECT layer, mean_heads, image_mass
FROM answer_attention
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index AND variant = $variant
    AND presentation = 'plain' AND intervention = 'none' AND query_row = $query_row
ORDER BY layer;
