-- Layer by layer, what share of the attention on the picture lies on the entity asked about, and how much would
-- without looking (its share of the area)?
SELECT a.run, a.layer, count(*) AS n,
    avg(list_dot_product(a.mean_heads, g.coverage) / nullif(list_sum(a.mean_heads), 0)) AS on_target,
    avg(list_avg(g.coverage)) AS share_of_area
FROM attention AS a
JOIN inference AS i USING (run, scene_id, question_index, variant)
JOIN question AS q USING (dataset, scene_id, question_index)
JOIN region AS g ON g.dataset = q.dataset AND g.scene_id = q.scene_id AND g.kind = 'entity'
    AND g.item_id = q.entities[1] AND g.layout IS NOT DISTINCT FROM a.layout
    AND g.grid_height IS NOT DISTINCT FROM a.grid_height AND g.grid_width IS NOT DISTINCT FROM a.grid_width
WHERE a.variant = 'raw' AND q.category IN ('recognition_shape', 'recognition_color', 'recognition_shape_and_color')
GROUP BY a.run, a.layer
ORDER BY a.run, a.layer;
