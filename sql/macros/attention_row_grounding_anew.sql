-- Where each query row of some runs (of the rows `row_names`, or where that is NULL of all) looks, computed anew, by category,
-- variant and layer: means over questions, beside what chance gives, as in attention_grounding_means. Scenes are the units of
-- intervals and tests.
CREATE OR REPLACE MACRO attention_row_grounding_anew(runs, row_names) AS TABLE
WITH answered AS (
    FROM attention_row_grounding_by_question_of(runs, row_names)
), of_scene AS (
    SELECT
        run, category, variant, query_row, layer, scene_id,
        nullif(count(above), 0) AS n_elsewhere,
        sum(above) AS above,
        nullif(count(beyond), 0) AS n_others,
        sum(beyond) AS beyond
    FROM (
        SELECT
            *,
            entity_share - elsewhere_share - coalesce(common_above, 0) AS above,
            entity_per_area - others_per_area AS beyond
        FROM answered
        WHERE entity_share IS NOT NULL
    )
    GROUP BY run, category, variant, query_row, layer, scene_id
), tested AS (
    SELECT
        run, category, variant, query_row, layer,
        count(n_elsewhere) AS n_scenes,
        scene_moments(n_elsewhere, above) AS above,
        sign_flip_above(above) AS elsewhere_p,
        scene_moments(n_others, beyond) AS beyond,
        sign_flip_above(beyond) AS others_p
    FROM of_scene
    GROUP BY run, category, variant, query_row, layer
), summed AS (
    SELECT
        run, category, variant, query_row, layer,
        count(*) AS n,
        avg(entropy) AS entropy,
        avg(image_mass) AS image_mass,
        count(entity_share) AS n_entity,
        avg(entity_share) AS entity_share,
        avg(entity_area) FILTER (entity_share IS NOT NULL) AS entity_area,
        avg(elsewhere_share) AS elsewhere_share,
        avg(entity_per_area) FILTER (others_per_area IS NOT NULL) AS entity_per_area,
        avg(others_per_area) FILTER (entity_per_area IS NOT NULL) AS others_per_area,
        avg(distractor_share) AS distractor_share,
        avg(distractor_area) FILTER (distractor_share IS NOT NULL) AS distractor_area,
        avg(arrow_share) AS arrow_share,
        avg(arrow_area) FILTER (arrow_share IS NOT NULL) AS arrow_area
    FROM answered
    GROUP BY run, category, variant, query_row, layer
)
SELECT
    s.run, s.category, s.variant, s.query_row, s.layer, s.n, s.entropy, s.image_mass,
    s.n_entity, s.entity_share, s.entity_area,
    t.n_scenes, s.elsewhere_share,
    t.above.total / t.above.n AS above_elsewhere,
    scene_mean_end(t.above, -1) AS above_elsewhere_low,
    scene_mean_end(t.above, 1) AS above_elsewhere_high,
    t.elsewhere_p,
    s.entity_per_area, s.others_per_area,
    t.beyond.total / t.beyond.n AS above_others,
    scene_mean_end(t.beyond, -1) AS above_others_low,
    scene_mean_end(t.beyond, 1) AS above_others_high,
    t.others_p,
    CASE WHEN t.elsewhere_p IS NOT NULL AND t.others_p IS NOT NULL THEN greatest(t.elsewhere_p, t.others_p) END AS looks_p,
    s.distractor_share, s.distractor_area, s.arrow_share, s.arrow_area
FROM summed AS s
LEFT JOIN tested AS t ON t.run = s.run AND t.category IS NOT DISTINCT FROM s.category AND t.variant = s.variant
    AND t.query_row = s.query_row AND t.layer = s.layer;
COMMENT ON MACRO TABLE attention_row_grounding_anew IS 'Where each query row of a list of runs looks, computed anew. Ask attention_row_grounding_of.';
