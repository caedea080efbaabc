-- One attention vector of every answer of a run, variant and category, in some layers; in order of answer and layer.
SELECT
    a.scene_id,
    a.question_index,
    a.layer,
    CASE $features
        WHEN 'mean_heads' THEN a.mean_heads
        WHEN 'first_step' THEN a.first_step
        WHEN 'last_step' THEN a.last_step
    END AS vector
FROM attention AS a
JOIN run AS r USING (run)
JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
WHERE a.run = $run AND a.variant = $variant AND q.category = $category AND list_contains($layers, a.layer)
ORDER BY a.scene_id, a.question_index, a.layer
