-- The share of each answer's attention that lies on sinks, and what chance gives for what is asked about (elsewhere_share, and
-- for the strongest cell pointing_elsewhere), by vector and layer, as far as it is filled in; of all answers of the scene with
-- $question_index NULL.
SELECT question_index, variant, vector, layer, sink_share, sink_area, elsewhere_share, pointing_elsewhere
FROM attention_grounding_fill
WHERE run = $run AND scene_id = $scene_id AND ($question_index IS NULL OR question_index = $question_index)
ORDER BY question_index, variant, vector, layer;
