-- The questions two sides both answered, with both grades. A side is a run and a variant. Runs of different data sets
-- are paired on the pictures whose questions are the same in both, word for word and number for number.
CREATE OR REPLACE MACRO paired_answers_of(run_a, variant_a, run_b, variant_b) AS TABLE
WITH a AS (
    FROM inference AS i WHERE i.run = run_a AND i.variant = variant_a AND i.correct IS NOT NULL
), b AS (
    FROM inference AS i WHERE i.run = run_b AND i.variant = variant_b AND i.correct IS NOT NULL
), asked AS (
    SELECT dataset, scene_id, question_set, list((question_index, lower(text)) ORDER BY question_index) AS questions
    FROM question
    WHERE dataset IN (SELECT r.dataset FROM run AS r WHERE r.run IN (run_a, run_b))
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
    b.correct AS correct_b,
    NOT coalesce(list_has_any(q.flaws, ['equivalent_option', 'two_axes', 'referent_not_unique']), false) AS clean
FROM a
JOIN b USING (scene_id, question_index)
JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
JOIN same_picture AS s ON s.dataset_a = a.dataset AND s.dataset_b = b.dataset AND s.scene_id = a.scene_id
    AND s.question_set = q.question_set;
COMMENT ON MACRO TABLE paired_answers_of IS 'A row per question that both sides (a run and a variant each) answered, with both grades.';
