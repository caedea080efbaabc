-- What every entity and arrow of a scene covers of each cell of a grid, with where the item lies and whether it is
-- still in the masked twin.
SELECT g.kind, g.item_id, g.coverage, coalesce(e.name, 'arrow') AS name, e.x_min, e.y_min, e.x_max, e.y_max,
    coalesce(e.in_twin, r.in_twin) AS in_twin
FROM region AS g
LEFT JOIN entity AS e
    ON g.kind = 'entity' AND e.dataset = g.dataset AND e.scene_id = g.scene_id AND e.entity_id = g.item_id
LEFT JOIN relation AS r
    ON g.kind = 'arrow' AND r.dataset = g.dataset AND r.scene_id = g.scene_id AND r.relation_index = g.item_id
WHERE g.dataset = $dataset AND g.scene_id = $scene_id AND g.grid_height = $grid_height AND g.grid_width = $grid_width
ORDER BY g.kind DESC, g.item_id;
