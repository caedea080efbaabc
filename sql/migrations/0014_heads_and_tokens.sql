-- Where single heads and single tokens look, as shares of their attention on regions that are known before a run, and
-- the step of a reply that yields its answer. relcli/captures.py names the same columns.

CREATE TABLE head_attention (
    run VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    presentation VARCHAR NOT NULL,
    intervention VARCHAR NOT NULL,
    query_row VARCHAR NOT NULL,
    layer SMALLINT NOT NULL,
    image_mass FLOAT[],
    entropy FLOAT[],
    target FLOAT[],
    chance FLOAT[],
    distractor FLOAT[],
    arrow FLOAT[],
    removed FLOAT[],
    sink FLOAT[],
    rest FLOAT[]
);
COMMENT ON TABLE head_attention IS 'One row per answer, query row and layer of runs with --attention heads: one value per head, counted from 0. The answer''s row is that of the step that yields it.';
COMMENT ON COLUMN head_attention.query_row IS 'Which token looks, as in answer_attention; averaged over a role''s tokens.';
COMMENT ON COLUMN head_attention.image_mass IS 'Total weight on the picture.';
COMMENT ON COLUMN head_attention.entropy IS 'Shannon entropy, natural log, of the weights on the picture normalised to sum 1.';
COMMENT ON COLUMN head_attention.target IS 'Share of the attention on the picture that lies on the entities asked about; NULL where the picture has none. The next columns are shares too; they may overlap.';
COMMENT ON COLUMN head_attention.chance IS 'On what the questions of other scenes ask about, of the same category and kind: the mean over them.';
COMMENT ON COLUMN head_attention.distractor IS 'On all other entities.';
COMMENT ON COLUMN head_attention.arrow IS 'On the arrow asked about; on all arrows where the question is about none in particular.';
COMMENT ON COLUMN head_attention.removed IS 'On the place of the entity that the masked twin lacks.';
COMMENT ON COLUMN head_attention.sink IS 'On the cells of calibrated_sink.';
COMMENT ON COLUMN head_attention.rest IS 'On what is in none of these regions.';

CREATE TABLE token_attention (
    run VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    presentation VARCHAR NOT NULL,
    intervention VARCHAR NOT NULL,
    layer SMALLINT NOT NULL,
    first_token INTEGER NOT NULL,
    image_mass FLOAT[],
    target FLOAT[],
    chance FLOAT[],
    distractor FLOAT[],
    arrow FLOAT[],
    removed FLOAT[],
    sink FLOAT[],
    rest FLOAT[]
);
COMMENT ON TABLE token_attention IS 'One row per answer and layer of runs with --attention tokens: one value for each token behind the picture, mean over heads. The view attention_by_token has a row for each token.';
COMMENT ON COLUMN token_attention.first_token IS 'The place in the prompt of the first of the tokens (prompt_token.token_index); the others follow it.';
COMMENT ON COLUMN token_attention.image_mass IS 'Total weight on the picture.';
COMMENT ON COLUMN token_attention.target IS 'Shares of the attention on the picture, as in head_attention; they may overlap.';

CREATE TABLE calibrated_sink (
    run VARCHAR NOT NULL,
    layout VARCHAR NOT NULL,
    layer SMALLINT NOT NULL,
    cells INTEGER[] NOT NULL,
    n_answers INTEGER NOT NULL,
    PRIMARY KEY (run, layout, layer)
);
COMMENT ON TABLE calibrated_sink IS 'One row per run, layout of image tokens and layer: the sinks found before the run, over a few of its questions, so that the share on them could be kept. The view attention_sink finds them over all answers.';
COMMENT ON COLUMN calibrated_sink.cells IS 'Numbers of the image tokens, from 0, with over five times the uniform share in the mean over the answers; empty for none.';
COMMENT ON COLUMN calibrated_sink.n_answers IS 'Answers it was found over.';

ALTER TABLE answer ADD COLUMN answer_step INTEGER;
COMMENT ON COLUMN answer.answer_step IS 'The step, from 0, whose token makes the reply say what it chooses; 0 where it says so at once. NULL where nothing can be read, and in runs before there was this column: then everything is of step 0.';
COMMENT ON COLUMN answer.option_logprobs IS 'Log-probability of each letter in the order shown, then of None, at the step that yields the letter; at step 0 where the reply names none.';
ALTER TABLE answer_attention ADD COLUMN answer_step FLOAT[];
ALTER TABLE answer_attention ADD COLUMN answer_step_entropy FLOAT;
COMMENT ON COLUMN answer_attention.answer_step IS 'Mean over heads at the step that yields the answer; NULL where that is the first one.';
COMMENT ON COLUMN prompt_token.role IS 'target: the last token of a mention of what is asked about; target_next: the one behind; stem_end: the one with the question mark; options: the last one of an option; token: any behind the picture, in runs with --attention tokens.';
