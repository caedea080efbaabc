-- Shares of attention or area, hit rates and overlaps that can't be: outside 0 to 1 (entities may overlap by a hair), or
-- further from the target than the largest picture is wide.
SELECT run, category, variant, layer
FROM attention_grounding
WHERE least(entity_share, distractor_share, arrow_share, masked_place_share, sink_share, pointing_game, iou) < 0
    OR greatest(entity_share, distractor_share, arrow_share, masked_place_share, entity_area, distractor_area, arrow_area,
        masked_place_area) > 1.05
    OR greatest(sink_share, sink_area, pointing_game, pointing_area, pointing_elsewhere, elsewhere_share, iou) > 1.000001
    OR centre_distance > (SELECT max(sqrt(greatest(width, 224) ^ 2 + greatest(height, 224) ^ 2)) FROM raw_scene);
