-- All runs, newest first, as the terminal application lists them.
SELECT run, state, kind, model, dataset, question_set, n_answers, n_planned, accuracy_raw, accuracy_masked, attention,
    verified, started_at, finished_at, seconds, message
FROM run_summary
ORDER BY started_at DESC, run;
