-- Which share of each token's rectangle belongs to what a question is about, for the questions of a list of data sets (of none of
-- them: at once). Most questions of a scene ask about the same few sets of entities, so each set is put together once.
CREATE OR REPLACE MACRO question_region_of(datasets) AS TABLE
WITH wanted AS (
    SELECT q.dataset, q.scene_id, q.question_index, list_sort(coalesce(q.entities, [])) AS entities, r.relation_index AS arrow
    FROM (FROM question WHERE list_contains(datasets, dataset)) AS q
    LEFT JOIN relation AS r ON r.dataset = q.dataset AND r.scene_id = q.scene_id
        AND r.relation_index = q.relation_index AND r.explicit
), item AS (
    SELECT
        g.dataset, g.scene_id, g.kind, g.item_id, l.layout, g.grid_height, g.grid_width,
        sound_vector(g.coverage, l.n_tokens) AS coverage,
        box_coverage(e.x_min, e.y_min, e.x_max, e.y_max, l.lefts, l.tops, l.rights, l.bottoms)::FLOAT[] AS box,
        -- weights times these: the share of the attention on the item over its share of the picture
        list_transform(
            list_filter([sound_vector(g.coverage, l.n_tokens)], lambda c: list_sum(c) > 0),
            lambda c: list_transform(c, lambda share: share * l.n_placed / list_sum(c)))[1]::FLOAT[] AS per_area,
        e.center_x + 0.5 AS x,
        e.center_y + 0.5 AS y,
        coalesce(e.in_twin, r.in_twin) AS in_twin,
        g.kind = 'entity' AND g.item_id = s.masked_entity_id AS taken
    FROM (FROM region WHERE list_contains(datasets, dataset)) AS g
    JOIN image_layout AS l ON l.layout = layout_name(g.layout, g.grid_height, g.grid_width)
    JOIN scene AS s USING (dataset, scene_id)
    LEFT JOIN entity AS e ON g.kind = 'entity' AND e.dataset = g.dataset AND e.scene_id = g.scene_id
        AND e.entity_id = g.item_id
    LEFT JOIN relation AS r ON g.kind = 'arrow' AND r.dataset = g.dataset AND r.scene_id = g.scene_id
        AND r.relation_index = g.item_id
), shown AS (
    SELECT i.*, v.variant, v.variant = 'raw' OR i.in_twin AS visible
    FROM item AS i
    CROSS JOIN (VALUES ('raw'), ('masked')) AS v (variant)
), gathered AS (
    SELECT
        w.dataset, w.scene_id, w.entities, w.arrow, i.variant, i.layout, i.grid_height, i.grid_width,
        list(i.coverage) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS entity,
        list(i.per_area) FILTER (i.per_area IS NOT NULL AND i.visible AND i.kind = 'entity'
            AND list_contains(w.entities, i.item_id)) AS entity_per_area,
        list(i.box) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS box,
        avg(i.x) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS centre_x,
        avg(i.y) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS centre_y,
        list(i.coverage) FILTER (i.visible AND i.kind = 'entity' AND NOT list_contains(w.entities, i.item_id)) AS distractor,
        list(i.per_area) FILTER (i.per_area IS NOT NULL AND i.visible AND i.kind = 'entity'
            AND NOT list_contains(w.entities, i.item_id)) AS distractor_per_area,
        list(i.coverage) FILTER (i.visible AND i.kind = 'arrow' AND i.item_id = coalesce(w.arrow, i.item_id)) AS arrows,
        list(i.coverage) FILTER (i.taken) AS masked_place
    FROM (SELECT DISTINCT dataset, scene_id, entities, arrow FROM wanted) AS w
    JOIN shown AS i USING (dataset, scene_id)
    GROUP BY w.dataset, w.scene_id, w.entities, w.arrow, i.variant, i.layout, i.grid_height, i.grid_width
), summed AS (
    SELECT
        dataset, scene_id, entities, arrow, variant, layout, grid_height, grid_width,
        cell_sum(entity) AS entity,
        cell_sum(distractor) AS distractor,
        list_transform(cell_sum(entity_per_area), lambda share: share / len(entity_per_area))::FLOAT[] AS entity_per_area,
        list_transform(cell_sum(distractor_per_area), lambda share: share / len(distractor_per_area))::FLOAT[]
            AS distractor_per_area,
        cell_sum(arrows) AS arrow_coverage,
        cell_sum(masked_place) AS masked_place,
        list_transform(cell_sum(box), lambda covered: least(covered, 1::FLOAT)) AS box,
        centre_x,
        centre_y
    FROM gathered
)
SELECT
    w.dataset, w.scene_id, w.question_index, v.variant, s.layout, s.grid_height, s.grid_width,
    s.entity, s.distractor, s.arrow_coverage AS arrow, s.masked_place, s.box, s.centre_x, s.centre_y,
    s.entity_per_area, s.distractor_per_area
FROM wanted AS w
JOIN summed AS s ON s.dataset = w.dataset AND s.scene_id = w.scene_id AND s.entities = w.entities
    AND s.arrow IS NOT DISTINCT FROM w.arrow
JOIN (VALUES ('raw', 'raw'), ('masked', 'masked'), ('blank', 'raw')) AS v (variant, places_of) ON v.places_of = s.variant;
COMMENT ON MACRO TABLE question_region_of IS 'The cells that belong to what each question of some data sets is about.';
