-- Share of the attention of one query row of a run on what is asked about, by category, variant and layer, beside the share of
-- the same attention on what other scenes' questions of the same kind ask about, with the difference and its 95% interval
-- over scenes. relcli looks tests it. $step: mean, the mean over an answer's steps; otherwise the step that yields it.
SELECT
    category, variant, layer, n_entity, n_scenes, entity_share, elsewhere_share, above_elsewhere, above_elsewhere_low,
    above_elsewhere_high
FROM (
    FROM attention_row_grounding_of([$run]) WHERE query_row = $row AND NOT ($row = 'answer' AND coalesce($step, '') = 'mean')
    UNION ALL BY NAME
    FROM attention_grounding_means('mean_heads') WHERE run = $run AND $row = 'answer' AND $step = 'mean'
)
WHERE n_entity > 0
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, variant DESC, layer;
