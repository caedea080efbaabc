-- A run's heads by the share of their attention on what is asked about, above chance, on either half of the scenes; of a
-- head's query rows the best counts.
SELECT part, layer, head
FROM head_tested(true)
WHERE run = $run
GROUP BY part, layer, head
ORDER BY part, max(above_chance) DESC, layer, head;
