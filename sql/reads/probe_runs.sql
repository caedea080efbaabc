-- Runs with attention, newest first.
SELECT run
FROM run
WHERE run IN (SELECT DISTINCT run FROM attention)
ORDER BY started_at DESC, run;
