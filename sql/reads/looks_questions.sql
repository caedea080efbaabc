-- The questions of a run, variant and category whose asked-about entities are in the picture, with the cells they and
-- the other entities cover on the grid of their attention. `kind` is what chance compares alike with alike by.
SELECT
    i.scene_id,
    i.question_index,
    i.correct,
    (i.ground_truth = 'None')::VARCHAR || ' ' || p.layout AS kind,
    p.entity,
    p.distractor
FROM inference AS i
JOIN run AS r USING (run)
JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = i.scene_id AND q.question_index = i.question_index
JOIN question_region_of((SELECT list(dataset) FROM run WHERE run = $run)) AS p ON p.dataset = r.dataset
    AND p.scene_id = i.scene_id AND p.question_index = i.question_index AND p.variant = i.variant
WHERE i.run = $run AND i.variant = $variant AND q.category = $category AND list_sum(p.entity) > 0
    AND EXISTS (
        FROM attention AS a
        WHERE a.run = i.run AND a.scene_id = i.scene_id AND a.question_index = i.question_index
            AND a.variant = i.variant AND layout_name(a.layout, a.grid_height, a.grid_width) = p.layout
    )
ORDER BY i.scene_id, i.question_index
