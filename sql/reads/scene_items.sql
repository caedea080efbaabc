-- What stands in a scene: its entities, then its relations.
SELECT 'entity' AS kind, entity_id AS item_id, coalesce(name || ' (' || size || ')', nullif(name, ''), 'box ' || entity_id) AS item, x_min, y_min, x_max, y_max, in_twin
FROM entity
WHERE dataset = $dataset AND scene_id = $scene_id
UNION ALL
SELECT if(r.explicit, 'arrow', 'relation'), r.relation_index, o.name || ' is ' || r.relation || ' ' || s.name,
    least(s.center_x, o.center_x), least(s.center_y, o.center_y), greatest(s.center_x, o.center_x),
    greatest(s.center_y, o.center_y), r.in_twin
FROM relation AS r
JOIN entity AS s ON s.dataset = r.dataset AND s.scene_id = r.scene_id AND s.entity_id = r.subject_id
JOIN entity AS o ON o.dataset = r.dataset AND o.scene_id = r.scene_id AND o.entity_id = r.object_id
WHERE r.dataset = $dataset AND r.scene_id = $scene_id
ORDER BY 1 DESC, 2;
