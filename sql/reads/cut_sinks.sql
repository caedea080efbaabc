-- A run's sinks: the numbers of the cells that soak up attention, layer by layer.
SELECT layer, list_sort(list(cell_row * grid_width + cell_column)) AS cells
FROM attention_sink
WHERE run = $run AND grid_height = $grid_height AND grid_width = $grid_width
GROUP BY layer;
