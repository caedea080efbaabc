-- Runs that hold more answers than they planned, and finished ones that hold fewer.
SELECT run, state, n_answers, n_planned
FROM run_summary
WHERE kind = 'run' AND (n_answers > n_planned OR (state = 'done' AND n_answers < n_planned));
