-- What a query row of every answer of a run, variant and category looked at, in some layers; in order of answer and
-- layer. Whoever reads this takes the vector wanted (relcli/captures.py).
SELECT a.*
FROM answer_attention AS a
JOIN run AS r USING (run)
JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
WHERE a.presentation = 'plain' AND a.intervention = 'none' AND a.query_row = $query_row
    AND a.run = $run AND a.variant = $variant AND q.category = $category AND list_contains($layers, a.layer)
ORDER BY a.scene_id, a.question_index, a.layer
