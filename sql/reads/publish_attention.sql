-- The attention of a run's answers as it is published: one row per answer, query row and layer.
SELECT * EXCLUDE (run)
FROM answer_attention
WHERE run = $run
ORDER BY scene_id, question_index, variant, presentation, intervention, query_row, layer;
