-- The categories, variants and query rows of a run whose heads are kept, most heads above chance first.
SELECT category, variant, query_row, max(above_chance) AS best, any_value(n) AS n
FROM head_grounding
WHERE run = $run
GROUP BY category, variant, query_row
ORDER BY category, variant, best DESC;
