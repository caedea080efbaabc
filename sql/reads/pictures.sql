-- A scene's picture and its twin's, as PNG bytes.
SELECT scene_id, image_filename, image, masked_filename, masked_image, has_twin, twin_changed, masked_kind,
    masked_entity_id, masked_relation_index, width, height
FROM scene
WHERE dataset = $dataset AND scene_id = $scene_id;
