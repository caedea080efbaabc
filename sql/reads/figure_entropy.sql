-- How spread out a run's attention on the picture is, by variant and layer: mean Shannon entropy (natural log) over all
-- answers, and as a share of the largest possible.
SELECT
    variant, layer, sum(n)::BIGINT AS n, sum(n * entropy) / sum(n) AS entropy,
    sum(n * entropy_of_uniform) / sum(n) AS entropy_of_uniform
FROM attention_entropy
WHERE run = $run AND step IS NULL
GROUP BY variant, layer
ORDER BY coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant, layer;
