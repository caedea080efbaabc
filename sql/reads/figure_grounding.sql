-- Share of a run's attention on what is asked about over its share of the area, by category, variant and layer; 1 is what
-- looking anywhere gives. The same of the other objects and of the arrow.
SELECT category, variant, layer, n_entity, entity_share, entity_area, entity_lift, distractor_lift, arrow_lift
FROM attention_grounding
WHERE run = $run AND category IS NOT NULL AND entity_lift IS NOT NULL
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, variant DESC, layer;
