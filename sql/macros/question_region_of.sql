-- Which share of each token's rectangle belongs to what a question is about, for the questions of a list of data sets (of none of
-- them: at once). Most questions of a scene ask about the same few sets of entities, so each set is put together once.
CREATE OR REPLACE MACRO question_region_of(datasets) AS TABLE
WITH wanted AS (
    SELECT
        q.dataset, q.scene_id, q.question_index,
        list_sort(coalesce(q.entities, [])) AS entities,
        list_sort(q.distractors) AS distractors,
        r.relation_index AS arrow
    FROM (FROM question_text WHERE list_contains(datasets, dataset)) AS q
    LEFT JOIN raw_relation AS r ON r.dataset = q.dataset AND r.scene_id = q.scene_id
        AND r.relation_index = q.relation_index AND r.explicit
), known AS (
    -- The pictures of which it is known what they show.
    SELECT p.dataset, p.scene_id, p.variant, coalesce(p.width, s.width, 224) AS width, coalesce(p.height, s.height, 224) AS height
    FROM picture AS p
    JOIN raw_scene AS s USING (dataset, scene_id)
    WHERE list_contains(datasets, p.dataset) AND (p.variant = 'raw' OR p.edit IS NOT NULL)
), missing AS (
    -- Warehouses from before regions had a variant don't have what is shown otherwise, until a run asks about it.
    SELECT DISTINCT v.dataset, v.scene_id, v.variant, g.layout
    FROM (
        SELECT dataset, scene_id, variant, 'entity' AS kind, entity_id AS item_id FROM variant_entity
        WHERE list_contains(datasets, dataset) AND is_there
        UNION ALL
        SELECT dataset, scene_id, variant, 'arrow', relation_index FROM variant_relation
        WHERE list_contains(datasets, dataset) AND is_there AND explicit
    ) AS v
    JOIN (
        SELECT DISTINCT dataset, layout_name(layout, grid_height, grid_width) AS layout FROM region
        WHERE list_contains(datasets, dataset)
    ) AS g USING (dataset)
    ANTI JOIN region AS r ON r.dataset = v.dataset AND r.scene_id = v.scene_id AND r.variant = v.variant
        AND r.kind = v.kind AND r.item_id = v.item_id AND layout_name(r.layout, r.grid_height, r.grid_width) = g.layout
), item AS (
    SELECT
        k.dataset, k.scene_id, k.variant, k.width, k.height, g.kind, g.item_id, l.layout, g.grid_height, g.grid_width,
        sound_vector(g.coverage, l.n_tokens) AS coverage,
        e.shape IS NULL AND g.kind = 'entity' AS boxed,
        -- Boxes of shapes run between the middles of their corner pixels, as in relcli/scenes/geometry.py.
        CASE WHEN g.kind = 'entity' THEN box_coverage(
            (e.x_min + if(boxed, 0, 0.5e0)) / k.width, (e.y_min + if(boxed, 0, 0.5e0)) / k.height,
            (e.x_max + if(boxed, 1, 0.5e0)) / k.width, (e.y_max + if(boxed, 1, 0.5e0)) / k.height,
            l.lefts, l.tops, l.rights, l.bottoms) END::FLOAT[] AS box,
        -- weights times these: the share of the attention on the item over its share of the picture
        list_transform(
            list_filter([sound_vector(g.coverage, l.n_tokens)], lambda c: list_sum(c) > 0),
            lambda c: list_transform(c, lambda share: share * l.n_placed / list_sum(c)))[1]::FLOAT[] AS per_area,
        e.center_x + 0.5 AS x,
        e.center_y + 0.5 AS y,
        -- what the variant shows: the raw picture's unless it is gone or there in another way
        if(g.variant IS NULL, v.entity_id IS NULL AND w.relation_index IS NULL AND o.item_id IS NULL, g.variant = k.variant)
            AS visible,
        g.variant IS NULL AND g.kind = 'entity' AND g.item_id = m.entity_id AS taken
    FROM (FROM region WHERE list_contains(datasets, dataset)) AS g
    JOIN image_layout AS l ON l.layout = layout_name(g.layout, g.grid_height, g.grid_width)
    JOIN known AS k ON k.dataset = g.dataset AND k.scene_id = g.scene_id AND k.variant = coalesce(g.variant, k.variant)
    LEFT JOIN picture AS m ON m.dataset = g.dataset AND m.scene_id = g.scene_id AND m.variant = 'masked'
    LEFT JOIN variant_entity AS v ON g.kind = 'entity' AND v.dataset = g.dataset AND v.scene_id = g.scene_id
        AND v.variant = k.variant AND v.entity_id = g.item_id
    LEFT JOIN variant_relation AS w ON g.kind = 'arrow' AND w.dataset = g.dataset AND w.scene_id = g.scene_id
        AND w.variant = k.variant AND w.relation_index = g.item_id
    LEFT JOIN (
        SELECT DISTINCT dataset, scene_id, variant, kind, item_id FROM region
        WHERE variant IS NOT NULL AND list_contains(datasets, dataset)
    ) AS o ON o.dataset = g.dataset AND o.scene_id = g.scene_id AND o.variant = k.variant AND o.kind = g.kind
        AND o.item_id = g.item_id
    LEFT JOIN entity_shown AS e ON g.kind = 'entity' AND e.dataset = g.dataset AND e.scene_id = g.scene_id
        AND e.entity_id = g.item_id AND e.variant = coalesce(g.variant, 'raw')
    ANTI JOIN missing AS n ON n.dataset = g.dataset AND n.scene_id = g.scene_id AND n.variant = k.variant
        AND n.layout = l.layout
    WHERE visible OR taken
), gathered AS (
    SELECT
        w.dataset, w.scene_id, w.entities, w.distractors, w.arrow, i.variant, i.layout, i.grid_height, i.grid_width,
        bool_or(i.boxed) AS boxed,
        any_value(i.width) AS width,
        any_value(i.height) AS height,
        list(i.coverage) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS entity,
        list(i.per_area) FILTER (i.per_area IS NOT NULL AND i.visible AND i.kind = 'entity'
            AND list_contains(w.entities, i.item_id)) AS entity_per_area,
        list(i.box) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS box,
        avg(i.x) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS centre_x,
        avg(i.y) FILTER (i.visible AND i.kind = 'entity' AND list_contains(w.entities, i.item_id)) AS centre_y,
        list(i.coverage) FILTER (i.visible AND i.kind = 'entity' AND NOT list_contains(w.entities, i.item_id)
            AND list_contains(coalesce(w.distractors, [i.item_id]), i.item_id)) AS distractor,
        list(i.per_area) FILTER (i.per_area IS NOT NULL AND i.visible AND i.kind = 'entity'
            AND NOT list_contains(w.entities, i.item_id)
            AND list_contains(coalesce(w.distractors, [i.item_id]), i.item_id)) AS distractor_per_area,
        list(i.coverage) FILTER (i.visible AND i.kind = 'arrow' AND i.item_id = coalesce(w.arrow, i.item_id)) AS arrows,
        list(i.coverage) FILTER (i.taken) AS masked_place
    FROM (SELECT DISTINCT dataset, scene_id, entities, distractors, arrow FROM wanted) AS w
    JOIN item AS i USING (dataset, scene_id)
    GROUP BY w.dataset, w.scene_id, w.entities, w.distractors, w.arrow, i.variant, i.layout, i.grid_height, i.grid_width
), summed AS (
    SELECT
        dataset, scene_id, entities, distractors, arrow, variant, layout, grid_height, grid_width,
        covered_together(entity, boxed, NULL::FLOAT[]) AS entity,
        covered_together(distractor, boxed, covered_together(entity, boxed, NULL::FLOAT[])) AS distractor,
        list_transform(cell_sum(entity_per_area), lambda share: share / len(entity_per_area))::FLOAT[] AS entity_per_area,
        list_transform(cell_sum(distractor_per_area), lambda share: share / len(distractor_per_area))::FLOAT[]
            AS distractor_per_area,
        cell_sum(arrows) AS arrow_coverage,
        cell_sum(masked_place) AS masked_place,
        list_transform(cell_sum(box), lambda covered: least(covered, 1::FLOAT)) AS box,
        centre_x,
        centre_y,
        width,
        height
    FROM gathered
)
SELECT
    w.dataset, w.scene_id, w.question_index,
    unnest(if(s.variant = 'raw', ['raw', 'blank'], [s.variant])) AS variant,
    s.layout, s.grid_height, s.grid_width,
    s.entity, s.distractor, s.arrow_coverage AS arrow, s.masked_place, s.box, s.centre_x, s.centre_y,
    s.entity_per_area, s.distractor_per_area, s.width, s.height
FROM wanted AS w
JOIN summed AS s ON s.dataset = w.dataset AND s.scene_id = w.scene_id AND s.entities = w.entities
    AND s.distractors IS NOT DISTINCT FROM w.distractors AND s.arrow IS NOT DISTINCT FROM w.arrow;
COMMENT ON MACRO TABLE question_region_of IS 'The cells that belong to what each question of some data sets is about.';
