-- The share of each answer's attention that lies on sinks, layer by layer, as far as it is filled in.
SELECT variant, layer, sink_share, sink_area
FROM attention_grounding_fill
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index AND vector = 'mean_heads'
ORDER BY variant, layer;
