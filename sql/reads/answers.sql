-- A run's answers, one row per question with its variants side by side; $category, $scene_id and $only
-- ('wrong': the raw answer is wrong, 'changed': the grade differs between raw and masked) narrow it when given.
SELECT
    i.scene_id,
    i.question_index,
    any_value(q.category) AS category,
    any_value(q.stem) AS question,
    any_value(q.options) AS options,
    any_value(q.ground_truth) AS truth,
    max(i.answer) FILTER (i.variant = 'raw') AS raw,
    bool_and(i.correct) FILTER (i.variant = 'raw') AS raw_correct,
    any_value(q.ground_truth_masked) AS truth_masked,
    max(i.answer) FILTER (i.variant = 'masked') AS masked,
    bool_and(i.correct) FILTER (i.variant = 'masked') AS masked_correct,
    max(i.answer) FILTER (i.variant = 'blank') AS blank,
    bool_and(i.correct) FILTER (i.variant = 'blank') AS blank_correct,
    any_value(q.flaws) AS flaws
FROM inference AS i
JOIN question AS q USING (dataset, scene_id, question_index)
WHERE i.run = $run
    AND ($category IS NULL OR q.category = $category)
    AND ($scene_id IS NULL OR i.scene_id = $scene_id)
GROUP BY i.scene_id, i.question_index
HAVING $only IS NULL
    OR ($only = 'wrong' AND NOT raw_correct)
    OR ($only = 'changed' AND raw_correct IS DISTINCT FROM masked_correct)
ORDER BY i.scene_id, i.question_index;
