-- The same of the raw answers by generation step and layer, where every step's was kept.
SELECT step, layer, sum(n)::BIGINT AS n, sum(n * entropy) / sum(n) AS entropy,
    sum(n * entropy_of_uniform) / sum(n) AS entropy_of_uniform
FROM attention_entropy
WHERE run = $run AND step IS NOT NULL AND variant = 'raw'
GROUP BY step, layer
ORDER BY step, layer;
