-- Attention whose answer is not in the warehouse.
SELECT DISTINCT a.run, a.scene_id, a.question_index, a.variant
FROM attention AS a
ANTI JOIN inference USING (run, scene_id, question_index, variant);
