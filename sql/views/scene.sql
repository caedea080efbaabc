CREATE OR REPLACE VIEW scene AS
SELECT
    s.dataset, s.scene_id, p.image_filename, s.width, s.height, s.n_entities, s.n_relations, s.split, p.image,
    m.image_filename AS masked_filename,
    m.image AS masked_image,
    m.variant IS NOT NULL AS has_twin,
    m.differs AS twin_changed,
    m.edit AS masked_kind,
    m.entity_id AS masked_entity_id,
    m.relation_index AS masked_relation_index
FROM raw_scene AS s
LEFT JOIN picture AS p ON p.dataset = s.dataset AND p.scene_id = s.scene_id AND p.variant = 'raw'
LEFT JOIN picture AS m ON m.dataset = s.dataset AND m.scene_id = s.scene_id AND m.variant = 'masked';

COMMENT ON VIEW scene IS 'One row per scene: its picture and its masked twin (PNG bytes). All variants are in the table picture.';
COMMENT ON COLUMN scene.scene_id IS 'The integer in the picture''s file name.';
COMMENT ON COLUMN scene.split IS 'train, val or test.';
COMMENT ON COLUMN scene.twin_changed IS 'False when the twin''s picture is pixel for pixel the original''s.';
COMMENT ON COLUMN scene.masked_kind IS 'object: an entity and its relations are gone; relation: one relation is.';
