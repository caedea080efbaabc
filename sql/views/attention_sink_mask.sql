CREATE OR REPLACE VIEW attention_sink_mask AS
SELECT
    run, layer, layout, grid_height, grid_width,
    list_transform(range(any_value(n_tokens)), lambda place: list_contains(list(cell), place)::INTEGER::FLOAT) AS mask,
    count(*) AS n_sinks,
    sum(share) AS share
FROM attention_sink
GROUP BY run, layer, layout, grid_height, grid_width;

COMMENT ON VIEW attention_sink_mask IS 'One row per run, layer and layout that has sinks: a vector with 1 on their cells and 0 elsewhere.';
