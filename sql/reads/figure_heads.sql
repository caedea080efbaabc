-- Where the single heads of a run look on the raw pictures: by category, query row and layer the share of each head's
-- attention on what is asked about over chance, and whether that is above chance after correction for all heads of the row.
SELECT
    category, query_row, layer,
    any_value(n) AS n,
    any_value(n_scenes) AS n_scenes,
    count(*) AS n_heads,
    count_if(p_holm <= 0.05) AS n_above_chance,
    max(share / nullif(chance, 0)) AS largest_times,
    list(share / nullif(chance, 0) ORDER BY head) AS times,
    list(coalesce(p_holm <= 0.05, false) ORDER BY head) AS above
FROM head_grounding
WHERE run = $run AND variant = 'raw'
GROUP BY category, query_row, layer
ORDER BY category, query_row, layer;
