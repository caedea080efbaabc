-- The tokens of a question whose rows were read, by their role.
SELECT role, token_index, text
FROM prompt_token
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index AND presentation = 'plain'
    AND role <> 'token'
ORDER BY role, token_index;
