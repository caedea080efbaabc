CREATE OR REPLACE VIEW question_region AS
-- Most questions of a scene ask about the same few sets of entities, so each set is put together once.
WITH wanted AS (
    SELECT q.dataset, q.scene_id, q.question_index, list_sort(coalesce(q.entities, [])) AS entities, r.relation_index AS arrow
    FROM question AS q
    LEFT JOIN relation AS r ON r.dataset = q.dataset AND r.scene_id = q.scene_id
        AND r.relation_index = q.relation_index AND r.explicit
), item AS (
    SELECT
        g.dataset, g.scene_id, g.kind, g.item_id, g.grid_height, g.grid_width,
        g.coverage,
        box_coverage(e.x_min, e.y_min, e.x_max, e.y_max, g.grid_height, g.grid_width)::FLOAT[] AS box,
        e.center_x + 0.5 AS x,
        e.center_y + 0.5 AS y,
        coalesce(e.in_twin, r.in_twin) AS in_twin,
        g.kind = 'entity' AND g.item_id = s.masked_entity_id AS taken
    FROM region AS g
    JOIN scene AS s USING (dataset, scene_id)
    LEFT JOIN entity AS e ON g.kind = 'entity' AND e.dataset = g.dataset AND e.scene_id = g.scene_id
        AND e.entity_id = g.item_id
    LEFT JOIN relation AS r ON g.kind = 'arrow' AND r.dataset = g.dataset AND r.scene_id = g.scene_id
        AND r.relation_index = g.item_id
), shown AS (
    SELECT i.*, v.variant, v.variant <> 'masked' OR i.in_twin AS visible
    FROM item AS i
    CROSS JOIN (VALUES ('raw'), ('masked'), ('blank')) AS v (variant)
), gathered AS (
    SELECT
        w.dataset, w.scene_id, w.entities, w.arrow, i.variant, i.grid_height, i.grid_width,
        list(i.coverage) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS entity,
        list(i.box) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS box,
        avg(i.x) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS centre_x,
        avg(i.y) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS centre_y,
        list(i.coverage) FILTER (i.visible AND i.kind = 'entity' AND NOT list_contains(w.entities, i.item_id)) AS distractor,
        list(i.coverage) FILTER (i.visible AND i.kind = 'arrow' AND i.item_id = coalesce(w.arrow, i.item_id)) AS arrows,
        list(i.coverage) FILTER (i.taken) AS masked_place
    FROM (SELECT DISTINCT dataset, scene_id, entities, arrow FROM wanted) AS w
    JOIN shown AS i USING (dataset, scene_id)
    GROUP BY w.dataset, w.scene_id, w.entities, w.arrow, i.variant, i.grid_height, i.grid_width
), summed AS (
    SELECT
        dataset, scene_id, entities, arrow, variant, grid_height, grid_width,
        cell_sum(entity) AS entity,
        cell_sum(distractor) AS distractor,
        cell_sum(arrows) AS arrow_coverage,
        cell_sum(masked_place) AS masked_place,
        list_transform(cell_sum(box), lambda covered: least(covered, 1::FLOAT)) AS box,
        centre_x,
        centre_y
    FROM gathered
)
SELECT
    w.dataset, w.scene_id, w.question_index, s.variant, s.grid_height, s.grid_width,
    s.entity, s.distractor, s.arrow_coverage AS arrow, s.masked_place, s.box, s.centre_x, s.centre_y
FROM wanted AS w
JOIN summed AS s ON s.dataset = w.dataset AND s.scene_id = w.scene_id AND s.entities = w.entities
    AND s.arrow IS NOT DISTINCT FROM w.arrow;

COMMENT ON VIEW question_region IS 'One row per question, variant and grid: which share of each cell belongs to what the question is about. What is not in the variant''s picture is left out; blank has the raw picture''s places.';
COMMENT ON COLUMN question_region.entity IS 'The entities asked about (question.entities), their coverage added up.';
COMMENT ON COLUMN question_region.distractor IS 'All other entities.';
COMMENT ON COLUMN question_region.arrow IS 'The arrow asked about; all arrows where the question is about none in particular.';
COMMENT ON COLUMN question_region.masked_place IS 'Where the object stands (raw) or stood (masked) that the masked twin lacks.';
COMMENT ON COLUMN question_region.box IS 'The bounding boxes of the entities asked about.';
COMMENT ON COLUMN question_region.centre_x IS 'Mean centre of the entities asked about, in pixels from the left edge of the 224-pixel picture.';
COMMENT ON COLUMN question_region.centre_y IS 'The same from the top edge.';
