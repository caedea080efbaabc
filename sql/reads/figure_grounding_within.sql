-- Share per area of a run's attention on an object asked about, by category, variant and layer, beside that of the other objects
-- in the same picture, with the difference and its 95% interval over scenes. Of the answer's first step.
SELECT category, variant, layer, n_scenes_others, entity_per_area, others_per_area, above_others, above_others_low,
    above_others_high, others_p, looks_p
FROM attention_grounding
WHERE run = $run AND category IS NOT NULL AND above_others IS NOT NULL
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, variant DESC, layer;
