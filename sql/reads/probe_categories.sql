-- The categories one variant of a run has answers of.
SELECT DISTINCT q.category
FROM inference AS i
JOIN question AS q USING (dataset, scene_id, question_index)
WHERE i.run = $run AND i.variant = $variant
ORDER BY q.category;
