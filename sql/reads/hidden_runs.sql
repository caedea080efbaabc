-- Runs made here that keep hidden states, by row, with the answers that should have them.
SELECT
    run,
    unnest(hidden_rows) AS query_row,
    (SELECT count(*) FROM answer AS a WHERE a.run = r.run AND a.intervention = 'none') AS n_answers
FROM run AS r
WHERE kind = 'run' AND hidden_rows IS NOT NULL AND state = 'done'
ORDER BY ALL;
