CREATE OR REPLACE VIEW attention_fill_state AS
WITH of_answers AS (
    SELECT
        run, layout, grid_height, grid_width,
        count(*) AS n_rows,
        bit_xor(hash(scene_id, question_index, variant, layer, grid_height, grid_width, mean_heads_entropy,
            first_step_entropy)) AS fingerprint
    FROM attention
    GROUP BY run, layout, grid_height, grid_width
), of_rows AS (
    SELECT
        run, layout, grid_height, grid_width,
        count(*) AS n_rows,
        bit_xor(hash(scene_id, question_index, variant, query_row, layer, grid_height, grid_width, mean_heads_entropy,
            first_step_entropy, answer_step_entropy)) AS fingerprint
    FROM answer_attention
    WHERE presentation = 'plain' AND intervention = 'none'
    GROUP BY run, layout, grid_height, grid_width
), of_grid AS (
    SELECT 'mean' AS part, * FROM of_answers
    UNION ALL
    SELECT 'rows', * FROM of_answers
    UNION ALL
    SELECT 'query_rows', * FROM of_rows
), now AS (
    SELECT
        a.run, r.dataset, a.part,
        sum(a.n_rows)::BIGINT AS n_rows,
        bit_xor(a.fingerprint) AS fingerprint,
        coalesce(sum(g.n_regions), 0)::BIGINT AS n_regions
    FROM of_grid AS a
    JOIN run AS r ON r.run = a.run
    LEFT JOIN (
        SELECT dataset, layout_name(layout, grid_height, grid_width) AS layout, count(*) AS n_regions
        FROM region
        GROUP BY ALL
    ) AS g ON g.dataset = r.dataset AND g.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    GROUP BY a.run, r.dataset, a.part
)
SELECT
    n.run, n.dataset, n.part, n.n_rows, n.fingerprint, n.n_regions,
    f.run IS NOT NULL AS is_filled
FROM now AS n
LEFT JOIN attention_fill AS f ON f.run = n.run AND f.part = n.part AND f.n_rows = n.n_rows
    AND f.fingerprint = n.fingerprint AND f.n_regions = n.n_regions;

COMMENT ON VIEW attention_fill_state IS 'One row per run with attention and part of its fills (mean: the run''s mean maps; rows: shift and grounding of its answers; query_rows: means of both by query row): whether it is filled, and filled from what is there now.';
COMMENT ON COLUMN attention_fill_state.n_regions IS 'Regions of the data set on the run''s layouts.';
