-- Attention of all variants of one question, layer by layer.
SELECT * EXCLUDE (run, scene_id, question_index, step_entropy)
FROM attention
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index
ORDER BY variant, layer;
