-- Regions that don't fill their layout, hold shares outside 0 to 1, or belong to no entity or arrow.
SELECT g.dataset, g.scene_id, g.kind, g.item_id, g.layout, g.grid_height, g.grid_width
FROM region AS g
LEFT JOIN image_layout AS l ON l.layout = layout_name(g.layout, g.grid_height, g.grid_width)
LEFT JOIN entity AS e
    ON g.kind = 'entity' AND e.dataset = g.dataset AND e.scene_id = g.scene_id AND e.entity_id = g.item_id
LEFT JOIN relation AS r
    ON g.kind = 'arrow' AND r.dataset = g.dataset AND r.scene_id = g.scene_id AND r.relation_index = g.item_id
    AND r.explicit
LEFT JOIN variant_entity AS v
    ON g.kind = 'entity' AND v.dataset = g.dataset AND v.scene_id = g.scene_id AND v.entity_id = g.item_id
    AND v.variant = g.variant AND v.is_there
LEFT JOIN variant_relation AS w
    ON g.kind = 'arrow' AND w.dataset = g.dataset AND w.scene_id = g.scene_id AND w.relation_index = g.item_id
    AND w.variant = g.variant AND w.is_there
WHERE l.layout IS NULL
    OR len(g.coverage) <> l.n_tokens
    OR list_min(g.coverage) < -0.00001
    OR list_max(g.coverage) > 1.00001
    OR (g.variant IS NULL AND e.entity_id IS NULL AND r.relation_index IS NULL)
    OR (g.variant IS NOT NULL AND v.entity_id IS NULL AND w.relation_index IS NULL AND r.relation_index IS NULL);
