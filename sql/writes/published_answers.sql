-- Answers that were published elsewhere (part_inference), their own run's all of them.
INSERT INTO answer BY NAME
SELECT * EXCLUDE (prompt_tokens, token_layout)
FROM part_inference;
