-- The answers of one run, variant and category: what was asked, what is true, and the grade. The study's own
-- protocol takes the study's grade.
SELECT
    i.scene_id,
    i.question_index,
    q.text,
    i.ground_truth,
    if($protocol = 'seed', coalesce(i.seed_correct, i.correct), i.correct) AS correct
FROM inference AS i
JOIN question AS q USING (dataset, scene_id, question_index)
WHERE i.run = $run AND i.variant = $variant AND q.category = $category
ORDER BY i.scene_id, i.question_index;
