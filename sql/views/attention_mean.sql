CREATE OR REPLACE VIEW attention_mean AS
SELECT * EXCLUDE (vector)
FROM attention_mean_of('mean_heads');

COMMENT ON VIEW attention_mean IS 'One row per run, category, variant, layer and layout: the mean map of mean_heads, every answer normalised to sum 1.';
COMMENT ON COLUMN attention_mean.n IS 'Answers with any weight on the picture.';
COMMENT ON COLUMN attention_mean.shares IS 'Mean share of each image token (of a grid row by row); sums to 1.';
