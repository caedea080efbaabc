-- The questions of a list of runs whose attention was kept and that ask about something in the picture, with the cells it
-- covers, and their kind: only questions of one kind can stand in for each other. `datasets`: those of the runs.
CREATE OR REPLACE MACRO question_target_of(runs, datasets) AS TABLE
WITH kept AS (
    SELECT DISTINCT run, scene_id, question_index, variant, layout_name(layout, grid_height, grid_width) AS layout
    FROM attention
    WHERE list_contains(runs, run)
)
SELECT
    k.run, q.question_set, q.category, k.variant, coalesce(lower(i.ground_truth) = 'none', false) AS none_is_right,
    k.layout, k.scene_id, k.question_index, p.entity
FROM kept AS k
JOIN run AS r ON r.run = k.run
JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = k.scene_id AND q.question_index = k.question_index
JOIN question_region_of(datasets) AS p ON p.dataset = r.dataset AND p.scene_id = k.scene_id
    AND p.question_index = k.question_index AND p.variant = k.variant AND p.layout = k.layout
LEFT JOIN inference AS i ON i.run = k.run AND i.scene_id = k.scene_id AND i.question_index = k.question_index
    AND i.variant = k.variant
WHERE list_sum(p.entity) > 0;
COMMENT ON MACRO TABLE question_target_of IS 'The questions of some runs that ask about something in the picture, with the cells it covers and what makes their kind.';
