-- The query rows whose attention on plain answers a run kept.
SELECT DISTINCT query_row
FROM answer_attention
WHERE run = $run AND presentation = 'plain' AND intervention = 'none'
ORDER BY query_row;
