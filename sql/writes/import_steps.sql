-- The number of steps, which the attention files know and the results file doesn't.
UPDATE answer SET n_steps = a.n_steps
FROM (
    SELECT s.run, s.scene_id, s.question_index, s.variant, any_value(s.n_steps) AS n_steps
    FROM staged_attention AS s
    SEMI JOIN waiting_answer USING (run, scene_id, question_index, variant)
    GROUP BY ALL
) AS a
WHERE answer.run = a.run AND answer.scene_id = a.scene_id AND answer.question_index = a.question_index
    AND answer.variant = a.variant AND answer.presentation = 'plain' AND answer.intervention = 'none';
