CREATE OR REPLACE VIEW attention_grounding AS
WITH mean AS (
    SELECT
        run, category, variant, layer,
        count(*) AS n,
        count(entity_share) AS n_entity,
        avg(entity_share) AS entity_share,
        avg(entity_area) FILTER (entity_share IS NOT NULL) AS entity_area,
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
        avg(pointing_chance) FILTER (pointing_hit IS NOT NULL) AS pointing_chance,
        avg(centre_distance) AS centre_distance,
        avg(iou) AS iou
    FROM attention_grounding_by_question
    GROUP BY run, category, variant, layer
)
SELECT
    run, category, variant, layer, n,
    n_entity, entity_share, entity_area, entity_share / nullif(entity_area, 0) AS entity_lift,
    n_distractor, distractor_share, distractor_area, distractor_share / nullif(distractor_area, 0) AS distractor_lift,
    n_arrow, arrow_share, arrow_area, arrow_share / nullif(arrow_area, 0) AS arrow_lift,
    n_masked_place, masked_place_share, masked_place_area,
    masked_place_share / nullif(masked_place_area, 0) AS masked_place_lift,
    n_sink, sink_share, sink_area, sink_share / nullif(sink_area, 0) AS sink_lift,
    pointing_game, pointing_chance, centre_distance, iou
FROM mean;

COMMENT ON VIEW attention_grounding IS 'One row per run, category, variant and layer: means over questions of attention_grounding_by_question; each share beside the share of the area and the ratio of the two (lift; 1 is what looking anywhere gives).';
COMMENT ON COLUMN attention_grounding.n IS 'Answers with attention; n_entity and so on: those of them that the mean beside it is over.';
COMMENT ON COLUMN attention_grounding.pointing_game IS 'Share of answers whose most attended cell touches an entity asked about; those with an entity in the picture count.';
