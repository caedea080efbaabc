-- The questions both sides answered, with both grades. A side is a run and a variant. Runs of different data sets
-- are paired on the pictures whose questions are the same in both, word for word and number for number.
WITH a AS (
    FROM inference WHERE run = $run_a AND variant = $variant_a AND correct IS NOT NULL
), b AS (
    FROM inference WHERE run = $run_b AND variant = $variant_b AND correct IS NOT NULL
), asked AS (
    SELECT dataset, scene_id, question_set, list((question_index, lower(text)) ORDER BY question_index) AS questions
    FROM question
    WHERE dataset IN (SELECT dataset FROM run WHERE run IN ($run_a, $run_b))
    GROUP BY ALL
), same_picture AS (
    SELECT x.dataset AS dataset_a, y.dataset AS dataset_b, x.scene_id, x.question_set
    FROM asked AS x
    JOIN asked AS y USING (scene_id, question_set, questions)
)
SELECT
    q.category,
    a.scene_id,
    a.question_index,
    q.stem AS question,
    a.ground_truth AS truth_a,
    b.ground_truth AS truth_b,
    a.answer AS answer_a,
    b.answer AS answer_b,
    a.correct AS correct_a,
    b.correct AS correct_b
FROM a
JOIN b USING (scene_id, question_index)
JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
JOIN same_picture AS s ON s.dataset_a = a.dataset AND s.dataset_b = b.dataset AND s.scene_id = a.scene_id
    AND s.question_set = q.question_set
ORDER BY a.scene_id, a.question_index;
