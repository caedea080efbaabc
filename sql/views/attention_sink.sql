CREATE OR REPLACE VIEW attention_sink AS
WITH cell AS (
    SELECT
        run, layer, layout, grid_height, grid_width, n,
        len(shares) AS n_tokens,
        unnest(shares) AS share,
        generate_subscripts(shares, 1) - 1 AS cell
    FROM attention_mean
), mean AS (
    SELECT run, layer, layout, grid_height, grid_width, n_tokens, cell, sum(n) AS n, sum(n * share) / sum(n) AS share
    FROM cell
    GROUP BY run, layer, layout, grid_height, grid_width, n_tokens, cell
)
SELECT
    run, layer, grid_height, grid_width,
    cell // grid_width AS cell_row,
    cell % grid_width AS cell_column,
    n, share,
    share * n_tokens AS times_uniform,
    layout, cell, n_tokens
FROM mean
WHERE share * n_tokens > 5;

COMMENT ON VIEW attention_sink IS 'One row per run, layer and cell that soaks up attention whatever is asked: over five times the uniform share in the mean over all the run''s answers.';
COMMENT ON COLUMN attention_sink.cell_row IS 'Counts from 0, from the top; cell_column from the left. NULL where the layout is no plain grid.';
COMMENT ON COLUMN attention_sink.cell IS 'The image token (view image_token), from 0.';
COMMENT ON COLUMN attention_sink.share IS 'Mean share of the attention on the picture, every answer normalised to sum 1.';
