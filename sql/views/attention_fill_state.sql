CREATE OR REPLACE VIEW attention_fill_state AS
SELECT
    a.run, r.dataset, p.part, a.n_rows, a.fingerprint,
    coalesce(g.n_regions, 0) AS n_regions,
    f.run IS NOT NULL AS is_filled
FROM (
    SELECT
        run,
        count(*) AS n_rows,
        bit_xor(hash(scene_id, question_index, variant, layer, grid_height, grid_width, mean_heads_entropy)) AS fingerprint
    FROM attention
    GROUP BY run
) AS a
JOIN run AS r ON r.run = a.run
CROSS JOIN (VALUES ('mean'), ('rows')) AS p (part)
LEFT JOIN (SELECT dataset, count(*) AS n_regions FROM region GROUP BY dataset) AS g ON g.dataset = r.dataset
LEFT JOIN attention_fill AS f ON f.run = a.run AND f.part = p.part AND f.n_rows = a.n_rows
    AND f.fingerprint = a.fingerprint AND f.n_regions = coalesce(g.n_regions, 0);

COMMENT ON VIEW attention_fill_state IS 'One row per run with attention and part of its fills (mean: the run''s mean maps; rows: shift and grounding): whether it is filled, and filled from what is there now.';
