-- A run's sinks: the numbers of the cells that soak up attention, layer by layer.
SELECT layer, list_sort(list(cell)) AS cells
FROM attention_sink
WHERE run = $run AND layout = layout_name($layout, $grid_height, $grid_width)
GROUP BY layer;
