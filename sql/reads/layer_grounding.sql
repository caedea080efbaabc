-- Where a run's attention lies, by category (NULL: all), variant and layer; one row per measure of attention_grounding.
-- $vector: first_step (where none is given) or mean_heads, the mean over steps. low and high: 95% interval, clustered by scene.
-- chance: of entity_share and pointing_game what other scenes' questions give, of entity_per_area the entities not asked about.
-- area: the share of the picture.
WITH answer AS (
    SELECT *, pointing_hit::INTEGER AS hit
    FROM attention_grounding_of(coalesce($vector, 'first_step'))
    WHERE run = $run AND category IS NOT NULL
), of_scene AS (
    SELECT
        category, variant, layer, scene_id,
        scene_sums(entity_share) AS entity,
        scene_sums(if(entity_share IS NOT NULL, entity_area, NULL)) AS entity_area,
        scene_sums(elsewhere_share) AS elsewhere,
        scene_sums(if(others_per_area IS NOT NULL, entity_per_area, NULL)) AS per_area,
        scene_sums(if(entity_per_area IS NOT NULL, others_per_area, NULL)) AS others,
        scene_sums(distractor_share) AS distractor,
        scene_sums(if(distractor_share IS NOT NULL, distractor_area, NULL)) AS distractor_area,
        scene_sums(arrow_share) AS arrow,
        scene_sums(if(arrow_share IS NOT NULL, arrow_area, NULL)) AS arrow_area,
        scene_sums(masked_place_share) AS masked_place,
        scene_sums(if(masked_place_share IS NOT NULL, masked_place_area, NULL)) AS masked_place_area,
        scene_sums(sink_share) AS sink,
        scene_sums(if(sink_share IS NOT NULL, sink_area, NULL)) AS sink_area,
        scene_sums(hit) AS hit,
        scene_sums(if(hit IS NOT NULL, pointing_elsewhere, NULL)) AS hit_elsewhere,
        scene_sums(if(hit IS NOT NULL, pointing_area, NULL)) AS hit_area,
        scene_sums(iou) AS iou,
        scene_sums(centre_distance) AS distance
    FROM answer
    GROUP BY GROUPING SETS ((category, variant, layer, scene_id), (variant, layer, scene_id))
), mean AS (
    SELECT
        category, variant, layer,
        sum(entity.n) AS n_entity, scene_moments(entity.n, entity.total) AS entity,
        sum(entity.squares) AS squares_entity,
        sum(per_area.n) AS n_per_area, scene_moments(per_area.n, per_area.total) AS per_area,
        sum(per_area.squares) AS squares_per_area,
        sum(distractor.n) AS n_distractor, scene_moments(distractor.n, distractor.total) AS distractor,
        sum(distractor.squares) AS squares_distractor,
        sum(arrow.n) AS n_arrow, scene_moments(arrow.n, arrow.total) AS arrow,
        sum(arrow.squares) AS squares_arrow,
        sum(masked_place.n) AS n_masked_place, scene_moments(masked_place.n, masked_place.total) AS masked_place,
        sum(masked_place.squares) AS squares_masked_place,
        sum(sink.n) AS n_sink, scene_moments(sink.n, sink.total) AS sink,
        sum(sink.squares) AS squares_sink,
        sum(hit.n) AS n_hit, scene_moments(hit.n, hit.total) AS hit,
        sum(hit.squares) AS squares_hit,
        sum(iou.n) AS n_iou, scene_moments(iou.n, iou.total) AS iou,
        sum(iou.squares) AS squares_iou,
        sum(distance.n) AS n_distance, scene_moments(distance.n, distance.total) AS distance,
        sum(distance.squares) AS squares_distance,
        scene_moments(nullif(entity_area.total, 0), entity.total) AS ratio_entity,
        scene_moments(nullif(distractor_area.total, 0), distractor.total) AS ratio_distractor,
        scene_moments(nullif(arrow_area.total, 0), arrow.total) AS ratio_arrow,
        scene_moments(nullif(masked_place_area.total, 0), masked_place.total) AS ratio_masked_place,
        sum(elsewhere.total) / sum(elsewhere.n) AS mean_elsewhere,
        sum(others.total) / sum(others.n) AS mean_others,
        sum(hit_elsewhere.total) / sum(hit_elsewhere.n) AS mean_hit_elsewhere,
        sum(entity_area.total) / sum(entity_area.n) AS mean_entity_area,
        sum(distractor_area.total) / sum(distractor_area.n) AS mean_distractor_area,
        sum(arrow_area.total) / sum(arrow_area.n) AS mean_arrow_area,
        sum(masked_place_area.total) / sum(masked_place_area.n) AS mean_masked_place_area,
        sum(sink_area.total) / sum(sink_area.n) AS mean_sink_area,
        sum(hit_area.total) / sum(hit_area.n) AS mean_hit_area,
        NULL::DOUBLE AS unknown
    FROM of_scene
    GROUP BY category, variant, layer
), told AS (
    FROM mean UNPIVOT INCLUDE NULLS ((n, moments, squares, chance, area) FOR measure IN (
        (n_entity, entity, squares_entity, mean_elsewhere, mean_entity_area) AS 'entity_share',
        (n_per_area, per_area, squares_per_area, mean_others, unknown) AS 'entity_per_area',
        (n_distractor, distractor, squares_distractor, unknown, mean_distractor_area) AS 'distractor_share',
        (n_arrow, arrow, squares_arrow, unknown, mean_arrow_area) AS 'arrow_share',
        (n_masked_place, masked_place, squares_masked_place, unknown, mean_masked_place_area) AS 'masked_place_share',
        (n_sink, sink, squares_sink, unknown, mean_sink_area) AS 'sink_share',
        (n_hit, hit, squares_hit, mean_hit_elsewhere, mean_hit_area) AS 'pointing_game',
        (n_iou, iou, squares_iou, unknown, unknown) AS 'iou',
        (n_distance, distance, squares_distance, unknown, unknown) AS 'centre_distance',
        (n_entity, ratio_entity, unknown, unknown, unknown) AS 'entity_area_ratio',
        (n_distractor, ratio_distractor, unknown, unknown, unknown) AS 'distractor_area_ratio',
        (n_arrow, ratio_arrow, unknown, unknown, unknown) AS 'arrow_area_ratio',
        (n_masked_place, ratio_masked_place, unknown, unknown, unknown) AS 'masked_place_area_ratio'
    ))
)
SELECT
    measure, category, variant, layer, n::BIGINT AS n, moments.scenes AS n_scenes, moments.total / moments.n AS value,
    sqrt(greatest(0, (squares - moments.total ^ 2 / n) / nullif(n - 1, 0))) AS sd,
    scene_mean_end(moments, -1) AS low,
    scene_mean_end(moments, 1) AS high,
    chance,
    area
FROM told
WHERE n > 0
ORDER BY measure, variant, category, layer;
