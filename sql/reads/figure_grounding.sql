-- Share of a run's attention on what is asked about, by category, variant and layer, beside the share of the same attention on
-- what other scenes' questions ask about, with the difference and its 95% interval over scenes. Of the answer's first step.
SELECT category, variant, layer, n_entity, n_scenes, entity_share, elsewhere_share, above_elsewhere, above_elsewhere_low,
    above_elsewhere_high, elsewhere_p, looks_p, entity_area_ratio
FROM attention_grounding
WHERE run = $run AND category IS NOT NULL AND entity_share IS NOT NULL
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, variant DESC, layer;
