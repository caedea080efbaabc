-- Attention of tokens of the question beside the answer's: their rows stand in answer_attention under their query_row
-- (mean_heads, its entropy, image_mass; of one step), and which tokens they are here. What was run before has none.

CREATE TABLE prompt_token (
    run VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    presentation VARCHAR NOT NULL,
    token_index INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    role VARCHAR NOT NULL
);
COMMENT ON TABLE prompt_token IS 'One row per question, token of its prompt whose attention was read, and role: a token with two roles is there twice.';
COMMENT ON COLUMN prompt_token.token_index IS 'Its place in the prompt, from 0; image tokens count.';
COMMENT ON COLUMN prompt_token.text IS 'The characters it stands for.';
COMMENT ON COLUMN prompt_token.role IS 'target: the last token of a mention of what is asked about; target_next: the one behind; stem_end: the one with the question mark; options: the last one of an option.';

ALTER TABLE run ADD COLUMN query_rows VARCHAR[];
COMMENT ON COLUMN run.query_rows IS 'Whose attention the run keeps: answer, and roles of prompt_token; NULL is the answer''s alone.';
COMMENT ON COLUMN answer_attention.query_row IS 'Which token looks: answer is the last token of the prompt and the generated ones; the others are roles of prompt_token, averaged over their tokens.';
COMMENT ON COLUMN answer_attention.mean_heads IS 'Mean over heads and, for the answer, steps; one value per cell. The question''s tokens have one step and no other vector.';
