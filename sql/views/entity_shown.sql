CREATE OR REPLACE VIEW entity_shown AS
SELECT
    e.dataset, e.scene_id, p.variant, e.entity_id,
    coalesce(v.shape, e.shape) AS shape,
    coalesce(v.size, e.size) AS size,
    coalesce(v.color, e.color) AS color,
    coalesce(v.name, e.name) AS name,
    coalesce(v.center_x, e.center_x) AS center_x,
    coalesce(v.center_y, e.center_y) AS center_y,
    coalesce(v.x_min, e.x_min) AS x_min,
    coalesce(v.y_min, e.y_min) AS y_min,
    coalesce(v.x_max, e.x_max) AS x_max,
    coalesce(v.y_max, e.y_max) AS y_max,
    v.entity_id IS NOT NULL AS edited
FROM raw_entity AS e
JOIN picture AS p ON p.dataset = e.dataset AND p.scene_id = e.scene_id AND (p.variant = 'raw' OR p.edit IS NOT NULL)
LEFT JOIN variant_entity AS v ON v.dataset = p.dataset AND v.scene_id = p.scene_id AND v.variant = p.variant
    AND v.entity_id = e.entity_id
WHERE coalesce(v.is_there, true)
UNION ALL
SELECT v.* EXCLUDE (is_there), true
FROM variant_entity AS v
ANTI JOIN raw_entity AS e ON e.dataset = v.dataset AND e.scene_id = v.scene_id AND e.entity_id = v.entity_id
WHERE v.is_there;

COMMENT ON VIEW entity_shown IS 'One row per object that a variant of a scene shows, as it shows it; none for variants without an annotation.';
COMMENT ON COLUMN entity_shown.edited IS 'Shown otherwise than on the raw picture.';
