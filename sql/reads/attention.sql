-- Attention of one answer, layer by layer.
SELECT * EXCLUDE (run, scene_id, question_index, variant)
FROM attention
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index AND variant = $variant
ORDER BY layer;
