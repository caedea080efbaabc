CREATE OR REPLACE VIEW attention_sink AS
WITH cell AS (
    SELECT
        run, layer, grid_height, grid_width, n,
        unnest(shares) AS share,
        generate_subscripts(shares, 1) - 1 AS cell
    FROM attention_mean
), mean AS (
    SELECT run, layer, grid_height, grid_width, cell, sum(n) AS n, sum(n * share) / sum(n) AS share
    FROM cell
    GROUP BY run, layer, grid_height, grid_width, cell
)
SELECT
    run, layer, grid_height, grid_width,
    cell // grid_width AS cell_row,
    cell % grid_width AS cell_column,
    n, share,
    share * grid_height * grid_width AS times_uniform
FROM mean
WHERE share * grid_height * grid_width > 5;

COMMENT ON VIEW attention_sink IS 'One row per run, layer and cell that soaks up attention whatever is asked: over five times the uniform share in the mean over all the run''s answers.';
COMMENT ON COLUMN attention_sink.cell_row IS 'Counts from 0, from the top; cell_column from the left.';
COMMENT ON COLUMN attention_sink.share IS 'Mean share of the attention on the picture, every answer normalised to sum 1.';
