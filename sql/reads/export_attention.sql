-- Attention of a run's raw and masked answers on the pictures $first to $last, answer by answer, layer by layer.
SELECT *
FROM attention
WHERE run = $run AND scene_id BETWEEN $first AND $last AND variant <> 'blank'
ORDER BY scene_id, question_index, variant, layer
