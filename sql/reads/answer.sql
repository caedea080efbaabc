-- Every variant of one answer with the question it answers.
SELECT i.*, q.category, q.text, q.stem, q.options, q.entities, q.relation_index, q.flaws
FROM inference AS i
JOIN question AS q USING (dataset, scene_id, question_index)
WHERE i.run = $run AND i.scene_id = $scene_id AND i.question_index = $question_index
ORDER BY list_position(['raw', 'masked', 'blank'], i.variant);
