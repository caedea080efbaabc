-- A scene's picture and its twin's, as PNG bytes, and those of its other variants.
SELECT scene_id, image_filename, image, masked_filename, masked_image, has_twin, twin_changed, masked_kind,
    masked_entity_id, masked_relation_index, width, height, (
        SELECT list({'variant': p.variant, 'image': p.image})
        FROM picture AS p
        WHERE p.dataset = scene.dataset AND p.scene_id = scene.scene_id AND p.variant NOT IN ('raw', 'masked')
    ) AS others
FROM scene
WHERE dataset = $dataset AND scene_id = $scene_id;
