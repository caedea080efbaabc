-- A run's answers as they are published: each with its question, and with the tokens whose attention was read.
SELECT
    a.scene_id,
    a.question_index,
    a.variant,
    a.presentation,
    a.intervention,
    q.question_set,
    q.category,
    q.text AS question,
    q.options,
    a.ground_truth,
    a.answer,
    a.choice,
    a.correct,
    a.our_correct,
    a.seed_correct,
    a.option_logprobs,
    a.n_steps,
    a.truncated,
    a.created_at,
    t.prompt_tokens
FROM answer AS a
LEFT JOIN question AS q USING (dataset, scene_id, question_index)
LEFT JOIN (
    SELECT
        scene_id,
        question_index,
        presentation,
        list({token_index: token_index, text: text, role: role} ORDER BY token_index, role) AS prompt_tokens
    FROM prompt_token
    WHERE run = $run
    GROUP BY ALL
) AS t USING (scene_id, question_index, presentation)
WHERE a.run = $run
ORDER BY a.scene_id, a.question_index, a.variant, a.presentation, a.intervention;
