-- How often the cell with the most attention touches what is asked about, by category, variant and layer; pointing_elsewhere:
-- how often the same cells touch what other scenes' questions ask about. Of the answer's first step.
SELECT category, variant, layer, n_entity, pointing_game, pointing_elsewhere, pointing_area
FROM attention_grounding
WHERE run = $run AND category IS NOT NULL AND pointing_game IS NOT NULL
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, variant DESC, layer;
