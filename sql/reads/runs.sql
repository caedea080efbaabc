-- All runs, newest first. *_clean: over the questions with one right answer.
SELECT run, state, model, dataset, question_set, n_answers, n_planned, accuracy_raw, accuracy_raw_clean AS raw_clean,
    accuracy_masked, accuracy_masked_clean AS masked_clean, unreadable, started_at, seconds
FROM run_summary
ORDER BY started_at DESC, run;
