-- Where a run's attention lies, by category (NULL: all), variant and layer; one row per measure of attention_grounding,
-- and entity_above_chance, the entity_share less what other scenes' questions give (above_elsewhere there: what the category's mean
-- map has of it is taken out).
-- $vector: first_step (where none is given) or mean_heads, the mean over steps. low and high: 95% interval, clustered by scene.
-- chance: of entity_share and pointing_game what other scenes' questions give, of entity_per_area the entities not asked about.
-- area: the share of the picture. $row: whose attention (where none is given the answer's); of others there are no strongest cells
-- and no sinks. $with_scenes: with what a test of all layers and categories at once is made of, the scenes and for each of
-- them the sum over its questions of what stands above chance (entity_share: above other scenes; entity_per_area: above the
-- entities not asked about).
WITH looked AS (
    FROM attention_grounding_of(coalesce($vector, 'first_step'))
    WHERE run = $run AND category IS NOT NULL AND coalesce($row, 'answer') = 'answer'
    UNION ALL BY NAME
    FROM attention_row_grounding_by_question_of([$run], [$row])
    WHERE category IS NOT NULL AND $row <> 'answer'
), answer AS (
    SELECT
        category, variant, layer, scene_id,
        entity_share AS entity, if(entity_share IS NOT NULL, entity_area, NULL) AS entity_area,
        elsewhere_share AS elsewhere, entity_share - elsewhere_share - coalesce(common_above, 0) AS above,
        if($with_scenes AND entity_share IS NOT NULL, entity_per_area - others_per_area, NULL) AS beyond_others,
        if(others_per_area IS NOT NULL, entity_per_area, NULL) AS per_area,
        if(entity_per_area IS NOT NULL, others_per_area, NULL) AS others,
        distractor_share AS distractor, if(distractor_share IS NOT NULL, distractor_area, NULL) AS distractor_area,
        arrow_share AS arrow, if(arrow_share IS NOT NULL, arrow_area, NULL) AS arrow_area,
        masked_place_share AS masked_place,
        if(masked_place_share IS NOT NULL, masked_place_area, NULL) AS masked_place_area,
        sink_share AS sink, if(sink_share IS NOT NULL, sink_area, NULL) AS sink_area,
        pointing_hit::INTEGER AS hit,
        if(pointing_hit IS NOT NULL, pointing_elsewhere, NULL) AS hit_elsewhere,
        if(pointing_hit IS NOT NULL, pointing_area, NULL) AS hit_area,
        iou, centre_distance AS distance
    FROM looked
), of_scene AS (
    -- What has an interval. Few sums by scene: there are nearly as many scenes, layers and categories as answers.
    SELECT
        category, variant, layer, scene_id,
        nullif(count(entity), 0) AS n_entity, sum(entity) AS entity, nullif(sum(entity_area), 0) AS entity_area,
        nullif(count(above), 0) AS n_above, sum(above) AS above,
        nullif(count(per_area), 0) AS n_per_area, sum(per_area) AS per_area,
        nullif(count(distractor), 0) AS n_distractor, sum(distractor) AS distractor,
        nullif(sum(distractor_area), 0) AS distractor_area,
        nullif(count(arrow), 0) AS n_arrow, sum(arrow) AS arrow, nullif(sum(arrow_area), 0) AS arrow_area,
        nullif(count(masked_place), 0) AS n_masked_place, sum(masked_place) AS masked_place,
        nullif(sum(masked_place_area), 0) AS masked_place_area,
        nullif(count(sink), 0) AS n_sink, sum(sink) AS sink,
        nullif(count(hit), 0) AS n_hit, sum(hit) AS hit,
        nullif(count(iou), 0) AS n_iou, sum(iou) AS iou,
        nullif(count(distance), 0) AS n_distance, sum(distance) AS distance,
        sum(beyond_others) AS beyond_others
    FROM answer
    GROUP BY category, variant, layer, scene_id
), in_all AS (
    SELECT
        NULL::VARCHAR AS category, variant, layer, scene_id,
        sum(COLUMNS(* EXCLUDE (category, variant, layer, scene_id)))
    FROM of_scene
    GROUP BY variant, layer, scene_id
), clustered AS (
    SELECT
        category, variant, layer,
        scene_moments(n_entity, entity) AS entity,
        scene_moments(n_above, above) AS above,
        scene_moments(n_per_area, per_area) AS per_area,
        scene_moments(n_distractor, distractor) AS distractor,
        scene_moments(n_arrow, arrow) AS arrow,
        scene_moments(n_masked_place, masked_place) AS masked_place,
        scene_moments(n_sink, sink) AS sink,
        scene_moments(n_hit, hit) AS hit,
        scene_moments(n_iou, iou) AS iou,
        scene_moments(n_distance, distance) AS distance,
        scene_moments(entity_area, entity) AS ratio_entity,
        scene_moments(distractor_area, distractor) AS ratio_distractor,
        scene_moments(arrow_area, arrow) AS ratio_arrow,
        scene_moments(masked_place_area, masked_place) AS ratio_masked_place
    FROM (FROM of_scene UNION ALL BY NAME FROM in_all)
    GROUP BY category, variant, layer
), mean AS (
    SELECT
        category, variant, layer,
        sum(entity * entity) AS squares_entity,
        sum(above * above) AS squares_above,
        sum(per_area * per_area) AS squares_per_area,
        sum(distractor * distractor) AS squares_distractor,
        sum(arrow * arrow) AS squares_arrow,
        sum(masked_place * masked_place) AS squares_masked_place,
        sum(sink * sink) AS squares_sink,
        sum(hit * hit)::DOUBLE AS squares_hit,
        sum(iou * iou) AS squares_iou,
        sum(distance * distance) AS squares_distance,
        avg(elsewhere) AS mean_elsewhere,
        avg(others) AS mean_others,
        avg(hit_elsewhere) AS mean_hit_elsewhere,
        avg(entity_area) AS mean_entity_area,
        avg(distractor_area) AS mean_distractor_area,
        avg(arrow_area) AS mean_arrow_area,
        avg(masked_place_area) AS mean_masked_place_area,
        avg(sink_area) AS mean_sink_area,
        avg(hit_area) AS mean_hit_area,
        NULL::DOUBLE AS unknown
    FROM answer
    GROUP BY GROUPING SETS ((category, variant, layer), (variant, layer))
), together AS (
    SELECT
        m.*, c.* EXCLUDE (category, variant, layer),
        c.entity.n AS n_entity, c.above.n AS n_above, c.per_area.n AS n_per_area, c.distractor.n AS n_distractor, c.arrow.n AS n_arrow,
        c.masked_place.n AS n_masked_place, c.sink.n AS n_sink, c.hit.n AS n_hit, c.iou.n AS n_iou,
        c.distance.n AS n_distance
    FROM mean AS m
    JOIN clustered AS c ON c.category IS NOT DISTINCT FROM m.category AND c.variant = m.variant AND c.layer = m.layer
), told AS (
    FROM together UNPIVOT INCLUDE NULLS ((n, moments, squares, chance, area) FOR measure IN (
        (n_entity, entity, squares_entity, mean_elsewhere, mean_entity_area) AS 'entity_share',
        (n_above, above, squares_above, unknown, unknown) AS 'entity_above_chance',
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
), tested AS (
    SELECT measure, category, variant, layer, list(scene_id ORDER BY scene_id) AS scenes, list(total ORDER BY scene_id) AS totals
    FROM (FROM of_scene UNPIVOT (total FOR measure IN (above AS 'entity_share', beyond_others AS 'entity_per_area')))
    WHERE $with_scenes
    GROUP BY measure, category, variant, layer
)
SELECT COLUMNS(lambda name: coalesce($with_scenes, false) OR name NOT IN ('scenes', 'totals'))
FROM (
    SELECT
        measure, category, variant, layer, n::BIGINT AS n, moments.scenes AS n_scenes, moments.total / moments.n AS value,
        CASE WHEN n > 1 AND squares IS NOT NULL THEN sqrt(greatest(0, squares - moments.total ^ 2 / n) / (n - 1)) END AS sd,
        scene_mean_end(moments, -1) AS low,
        scene_mean_end(moments, 1) AS high,
        chance,
        area,
        t.scenes,
        t.totals
    FROM told
    LEFT JOIN tested AS t USING (measure, category, variant, layer)
    WHERE n > 0
)
ORDER BY measure, variant, category, layer;
