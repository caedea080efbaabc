-- Every head of the maps of a run (of a category, variant or query row, where one is given): how far its share on what is
-- asked about lies above chance.
SELECT
    category, variant, query_row, layer, head, n, n_scenes, share, chance, others, above_chance, ci_low, ci_high,
    entropy, p, p_holm
FROM head_grounding
WHERE run = $run
    AND ($category IS NULL OR category = $category)
    AND ($variant IS NULL OR variant = $variant)
    AND ($query_row IS NULL OR query_row = $query_row)
ORDER BY category, variant, query_row, layer, head;
