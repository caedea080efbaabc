-- The head that reads best what is asked about in each category of a run, on the raw pictures: chosen on one half of the
-- scenes and measured on the other, both ways. relcli looks does the same with a sign-flip test.
SELECT
    category, half, query_row, layer, head, n, n_scenes, share, chance, ci_low, ci_high, others, above_others, p, p_holm
FROM head_best
WHERE run = $run AND variant = 'raw'
ORDER BY category, half;
