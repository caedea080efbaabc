CREATE OR REPLACE VIEW relation AS
SELECT r.*, m.edit IS NOT NULL AND v.relation_index IS NULL AS in_twin
FROM raw_relation AS r
LEFT JOIN picture AS m ON m.dataset = r.dataset AND m.scene_id = r.scene_id AND m.variant = 'masked'
LEFT JOIN variant_relation AS v ON v.dataset = r.dataset AND v.scene_id = r.scene_id AND v.variant = 'masked'
    AND v.relation_index = r.relation_index AND NOT v.is_there;

COMMENT ON VIEW relation IS 'One row per pair of entities: where the object lies as seen from the subject.';
COMMENT ON COLUMN relation.explicit IS 'An arrow is drawn from subject to object.';
COMMENT ON COLUMN relation.in_twin IS 'Still valid in the masked twin: neither masked nor touching a masked entity.';
