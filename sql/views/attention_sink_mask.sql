CREATE OR REPLACE VIEW attention_sink_mask AS
SELECT
    run, layer, grid_height, grid_width,
    list_transform(range(grid_height * grid_width), lambda cell:
        list_contains(list(cell_row * grid_width + cell_column), cell)::INTEGER::FLOAT) AS mask,
    count(*) AS n_sinks,
    sum(share) AS share
FROM attention_sink
GROUP BY run, layer, grid_height, grid_width;

COMMENT ON VIEW attention_sink_mask IS 'One row per run, layer and grid that has sinks: a vector with 1 on their cells and 0 elsewhere.';
