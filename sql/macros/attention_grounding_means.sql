-- Where attention lies by category, variant and layer, beside what chance gives, of one of the answers' vectors (as in
-- attention_grounding_of). Scenes are the units of intervals and tests.
CREATE OR REPLACE MACRO attention_grounding_means(of_vector) AS TABLE
WITH answered AS (
    FROM attention_grounding_of(of_vector)
), mean AS (
    SELECT
        run, category, variant, layer,
        count(*) AS n,
        count(entity_share) AS n_entity,
        avg(entity_share) AS entity_share,
        avg(entity_area) FILTER (entity_share IS NOT NULL) AS entity_area,
        avg(elsewhere_share) AS elsewhere_share,
        avg(entity_per_area) FILTER (others_per_area IS NOT NULL) AS entity_per_area,
        avg(others_per_area) FILTER (entity_per_area IS NOT NULL) AS others_per_area,
        count(distractor_share) AS n_distractor,
        avg(distractor_share) AS distractor_share,
        avg(distractor_area) FILTER (distractor_share IS NOT NULL) AS distractor_area,
        count(arrow_share) AS n_arrow,
        avg(arrow_share) AS arrow_share,
        avg(arrow_area) FILTER (arrow_share IS NOT NULL) AS arrow_area,
        count(masked_place_share) AS n_masked_place,
        avg(masked_place_share) AS masked_place_share,
        avg(masked_place_area) FILTER (masked_place_share IS NOT NULL) AS masked_place_area,
        count(sink_share) AS n_sink,
        avg(sink_share) AS sink_share,
        avg(sink_area) FILTER (sink_share IS NOT NULL) AS sink_area,
        count(*) FILTER (pointing_hit) / nullif(count(pointing_hit), 0) AS pointing_game,
        avg(pointing_elsewhere) FILTER (pointing_hit IS NOT NULL) AS pointing_elsewhere,
        avg(pointing_area) FILTER (pointing_hit IS NOT NULL) AS pointing_area,
        avg(centre_distance) AS centre_distance,
        avg(iou) AS iou
    FROM answered
    GROUP BY run, category, variant, layer
), of_scene AS (
    SELECT
        run, category, variant, layer, scene_id,
        nullif(count(above), 0) AS n_elsewhere,
        sum(above) AS above,
        nullif(count(beyond), 0) AS n_others,
        sum(beyond) AS beyond
    FROM (
        SELECT
            run, category, variant, layer, scene_id,
            entity_share - elsewhere_share - coalesce(common_above, 0) AS above,
            entity_per_area - others_per_area AS beyond
        FROM answered
        WHERE entity_share IS NOT NULL
    )
    GROUP BY run, category, variant, layer, scene_id
), tested AS (
    SELECT
        run, category, variant, layer,
        count(n_elsewhere) AS n_scenes,
        scene_moments(n_elsewhere, above) AS above,
        sign_flip_above(above) AS elsewhere_p,
        count(n_others) AS n_scenes_others,
        scene_moments(n_others, beyond) AS beyond,
        sign_flip_above(beyond) AS others_p
    FROM of_scene
    GROUP BY run, category, variant, layer
)
SELECT
    m.run, m.category, m.variant, m.layer, m.n,
    n_entity, entity_share, entity_area, entity_share / nullif(entity_area, 0) AS entity_area_ratio,
    n_scenes, elsewhere_share,
    above.total / above.n AS above_elsewhere,
    scene_mean_end(above, -1) AS above_elsewhere_low,
    scene_mean_end(above, 1) AS above_elsewhere_high,
    elsewhere_p,
    n_scenes_others, entity_per_area, others_per_area,
    beyond.total / beyond.n AS above_others,
    scene_mean_end(beyond, -1) AS above_others_low,
    scene_mean_end(beyond, 1) AS above_others_high,
    others_p,
    CASE WHEN elsewhere_p IS NOT NULL AND others_p IS NOT NULL THEN greatest(elsewhere_p, others_p) END AS looks_p,
    n_distractor, distractor_share, distractor_area,
    distractor_share / nullif(distractor_area, 0) AS distractor_area_ratio,
    n_arrow, arrow_share, arrow_area, arrow_share / nullif(arrow_area, 0) AS arrow_area_ratio,
    n_masked_place, masked_place_share, masked_place_area,
    masked_place_share / nullif(masked_place_area, 0) AS masked_place_area_ratio,
    n_sink, sink_share, sink_area, sink_share / nullif(sink_area, 0) AS sink_area_ratio,
    pointing_game, pointing_elsewhere, pointing_area, centre_distance, iou
FROM mean AS m
LEFT JOIN tested AS t ON t.run = m.run AND t.category IS NOT DISTINCT FROM m.category AND t.variant = m.variant
    AND t.layer = m.layer;
COMMENT ON MACRO TABLE attention_grounding_means IS 'Where attention lies by run, category, variant and layer beside what chance gives, of the first step (first_step) or of the mean over steps (mean_heads).';
