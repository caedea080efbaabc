-- The layers attention was kept of, in one run and variant.
SELECT layer, count(*) AS n
FROM attention
WHERE run = $run AND variant = $variant
GROUP BY layer
ORDER BY layer;
