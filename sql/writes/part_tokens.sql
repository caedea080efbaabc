-- The tokens of a spool part's questions (part_inference), for questions that have none yet. A question is the same on
-- every variant: one of them tells.
INSERT INTO prompt_token BY NAME
SELECT q.run, q.scene_id, q.question_index, q.presentation, t.token_index, t.text, t.role
FROM (
    SELECT run, scene_id, question_index, presentation, arg_min(prompt_tokens, variant) AS prompt_tokens
    FROM part_inference
    WHERE prompt_tokens IS NOT NULL
    GROUP BY run, scene_id, question_index, presentation
) AS q
ANTI JOIN prompt_token USING (run, scene_id, question_index, presentation)
CROSS JOIN unnest(q.prompt_tokens) AS u (t);
