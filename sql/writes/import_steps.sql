-- The number of steps, which the attention files know and the results file doesn't.
UPDATE inference SET n_steps = a.n_steps
FROM (
    SELECT s.run, s.scene_id, s.question_index, s.variant, any_value(s.n_steps) AS n_steps
    FROM staged_attention AS s
    SEMI JOIN waiting_answer USING (run, scene_id, question_index, variant)
    GROUP BY ALL
) AS a
WHERE inference.run = a.run AND inference.scene_id = a.scene_id AND inference.question_index = a.question_index
    AND inference.variant = a.variant;
