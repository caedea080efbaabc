-- Runs that keep hidden states of a row, newest first.
SELECT run
FROM run
WHERE list_contains(hidden_rows, $query_row)
ORDER BY started_at DESC, run;
