-- What a test of all layers and categories at once is made of: by measure, category and layer the sums over the questions of
-- each scene of what stands above chance (entity_share: above other scenes, what the category's mean map has of it taken out;
-- entity_per_area: above the entities not asked about), and the scenes. $vector as in layer_grounding.
WITH of_scene AS (
    SELECT
        category, variant, layer, scene_id,
        sum(entity_share - elsewhere_share - coalesce(common_above, 0)) AS entity_share,
        sum(entity_per_area - others_per_area) AS entity_per_area
    FROM attention_grounding_of(coalesce($vector, 'first_step'))
    WHERE run = $run AND category IS NOT NULL AND entity_share IS NOT NULL
    GROUP BY category, variant, layer, scene_id
), told AS (
    UNPIVOT of_scene ON entity_share, entity_per_area INTO NAME measure VALUE total
)
SELECT measure, category, variant, layer, list(scene_id ORDER BY scene_id) AS scenes, list(total ORDER BY scene_id) AS totals
FROM told
GROUP BY measure, category, variant, layer
ORDER BY measure, category, variant, layer;
