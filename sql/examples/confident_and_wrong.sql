-- The questions a model is surest of and still gets wrong: the log-probability of its letter against the right one's.
SELECT i.run, i.scene_id, i.question_index, i.variant, q.category, q.stem, i.answer, i.ground_truth,
    list_max(i.option_logprobs) AS best_logprob
FROM inference AS i
JOIN question AS q USING (dataset, scene_id, question_index)
WHERE NOT i.correct AND i.option_logprobs IS NOT NULL
ORDER BY best_logprob DESC, i.run, i.scene_id, i.question_index
LIMIT 20;
