-- One attention vector of every answer of a run, variant and category, in some layers; in order of answer and layer.
-- $features is a vector of the answer's, or the role of the question's tokens whose vector it is.
SELECT
    a.scene_id,
    a.question_index,
    a.layer,
    CASE $features
        WHEN 'mean_heads' THEN a.mean_heads
        WHEN 'first_step' THEN a.first_step
        WHEN 'last_step' THEN a.last_step
        ELSE a.mean_heads
    END AS vector
FROM answer_attention AS a
JOIN run AS r USING (run)
JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
WHERE a.presentation = 'plain' AND a.intervention = 'none'
    AND a.query_row = CASE WHEN $features IN ('mean_heads', 'first_step', 'last_step') THEN 'answer' ELSE $features END
    AND a.run = $run AND a.variant = $variant AND q.category = $category AND list_contains($layers, a.layer)
ORDER BY a.scene_id, a.question_index, a.layer
