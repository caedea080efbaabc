-- All runs, newest first.
SELECT run, state, model, dataset, question_set, n_answers, n_planned, accuracy_raw, accuracy_masked, started_at, seconds
FROM run_summary
ORDER BY started_at DESC, run;
