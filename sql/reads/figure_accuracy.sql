-- Accuracy of a run by category and variant, with 95% intervals over scenes.
-- chance: what an option drawn at random gets right, which never says None.
SELECT a.* EXCLUDE (run, model), c.chance
FROM accuracy_by_category AS a
LEFT JOIN (
    SELECT i.run, q.category, i.variant, avg(if(lower(i.ground_truth) = 'none', 0, 1 / nullif(len(q.options), 0))) AS chance
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.correct IS NOT NULL
    GROUP BY i.run, q.category, i.variant
) AS c ON c.run = a.run AND c.category = a.category AND c.variant = a.variant
WHERE a.run = $run
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], a.category), 99), a.category,
    coalesce(list_position(['raw', 'masked', 'blank'], a.variant), 99), a.variant;
