CREATE OR REPLACE VIEW entity AS
SELECT e.*, m.edit IS NOT NULL AND v.entity_id IS NULL AS in_twin
FROM raw_entity AS e
LEFT JOIN picture AS m ON m.dataset = e.dataset AND m.scene_id = e.scene_id AND m.variant = 'masked'
LEFT JOIN variant_entity AS v ON v.dataset = e.dataset AND v.scene_id = e.scene_id AND v.variant = 'masked'
    AND v.entity_id = e.entity_id AND NOT v.is_there;

COMMENT ON VIEW entity IS 'One row per drawn object of a scene; positions in pixels from the top left.';
COMMENT ON COLUMN entity.in_twin IS 'Still there in the masked twin; false without a twin. For other variants see entity_shown.';
