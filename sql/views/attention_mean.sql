CREATE OR REPLACE VIEW attention_mean AS
SELECT f.run, f.category, f.variant, f.layer, f.grid_height, f.grid_width, f.n, f.shares, layout_name(f.layout, f.grid_height, f.grid_width) AS layout
FROM attention_mean_fill AS f
JOIN attention_fill_state AS s ON s.run = f.run AND s.part = 'mean' AND s.is_filled
UNION ALL BY NAME
FROM attention_mean_live;

COMMENT ON VIEW attention_mean IS 'One row per run, category, variant, layer and layout: the mean map of mean_heads, every answer normalised to sum 1.';
COMMENT ON COLUMN attention_mean.n IS 'Answers with any weight on the picture.';
COMMENT ON COLUMN attention_mean.shares IS 'Mean share of each image token (of a grid row by row); sums to 1.';
