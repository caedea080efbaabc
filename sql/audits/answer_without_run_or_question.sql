-- Answers whose run or question is not in the warehouse.
SELECT i.run, i.dataset, i.scene_id, i.question_index, i.variant
FROM inference AS i
LEFT JOIN question AS q USING (dataset, scene_id, question_index)
LEFT JOIN run AS r ON r.run = i.run
WHERE r.run IS NULL OR q.text IS NULL;
