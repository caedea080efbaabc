-- Every variant of one answer with the question it answers; of all answers of the scene with $question_index NULL.
SELECT i.*, q.category, q.text, q.stem, q.options, q.entities, q.relation_index, q.flaws
FROM inference AS i
JOIN question AS q USING (dataset, scene_id, question_index)
WHERE i.run = $run AND i.scene_id = $scene_id AND ($question_index IS NULL OR i.question_index = $question_index)
ORDER BY i.question_index, list_position(['raw', 'masked', 'blank'], i.variant);
