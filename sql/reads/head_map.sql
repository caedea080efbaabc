-- Every head of one query row of a run, category and variant: how far its share on what is asked about lies above chance.
SELECT layer, head, n, n_scenes, share, chance, others, above_chance, ci_low, ci_high, entropy, p, p_holm
FROM head_grounding
WHERE run = $run AND category = $category AND variant = $variant AND query_row = $query_row
ORDER BY layer, head;
