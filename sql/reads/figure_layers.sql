-- Where a run's attention lies on the raw picture in each layer: the mean map over all answers, each normalised to sum 1.
WITH cell AS (
    SELECT layer, layout, grid_height, grid_width, n, unnest(shares) AS share, generate_subscripts(shares, 1) AS cell
    FROM attention_mean
    WHERE run = $run AND variant = 'raw'
), mean AS (
    SELECT layer, layout, grid_height, grid_width, cell, sum(n)::BIGINT AS n, sum(n * share) / sum(n) AS share
    FROM cell
    GROUP BY ALL
)
SELECT layer, grid_height, grid_width, any_value(n) AS n, list(share ORDER BY cell) AS shares, max(share) AS strongest,
    layout, any_value(l.lefts) AS lefts, any_value(l.tops) AS tops, any_value(l.rights) AS rights,
    any_value(l.bottoms) AS bottoms
FROM mean
JOIN image_layout AS l USING (layout)
GROUP BY layer, layout, grid_height, grid_width
ORDER BY n DESC, layer;
