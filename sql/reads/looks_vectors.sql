-- What every row of the plain answers of a run, variant and category looked at, in every layer: mean over heads, the
-- answer's at the step that yields it.
SELECT
    a.scene_id,
    a.question_index,
    a.query_row,
    a.layer,
    looking_vector(a.query_row, a.answer_step, a.first_step, a.mean_heads) AS vector
FROM answer_attention AS a
JOIN run AS r USING (run)
JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
WHERE a.run = $run AND a.variant = $variant AND q.category = $category AND a.presentation = 'plain'
    AND a.intervention = 'none'
ORDER BY a.scene_id, a.question_index, a.query_row, a.layer
