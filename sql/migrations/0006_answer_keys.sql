-- Room in an answer's key for how the question was put and what was done to the model while it answered. All answers
-- and all attention stand in answer and answer_attention; inference and attention are views of the plain ones, as the
-- question set words them and with nothing cut, so everything that read the tables of old reads the same rows.

CREATE TABLE intervention (
    intervention VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    target VARCHAR,
    layers INTEGER[],
    heads INTEGER[],
    steps VARCHAR,
    strength DOUBLE,
    source VARCHAR,
    control VARCHAR,
    seed BIGINT,
    spec VARCHAR,
    created_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE intervention IS 'One row per way the model was interfered with while it answered; none for plain answers.';
COMMENT ON COLUMN intervention.intervention IS 'A name made from the rest, so that the same intervention has the same name.';
COMMENT ON COLUMN intervention.kind IS 'none, knock-out (attention edges are cut), patch (states of another input) or steer (a vector is added).';
COMMENT ON COLUMN intervention.target IS 'The place: from which tokens or states to which.';
COMMENT ON COLUMN intervention.layers IS 'Counted from 0; NULL is all. heads the same.';
COMMENT ON COLUMN intervention.source IS 'Where patched states or a steering vector come from.';
COMMENT ON COLUMN intervention.control IS 'What it is compared with, such as random cells of the same number.';
COMMENT ON COLUMN intervention.spec IS 'The whole specification as JSON.';
INSERT INTO intervention (intervention, kind, created_at) VALUES ('none', 'none', make_timestamp(epoch_us(now())));

CREATE TABLE answer (
    run VARCHAR NOT NULL,
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    presentation VARCHAR NOT NULL DEFAULT 'plain',
    intervention VARCHAR NOT NULL DEFAULT 'none',
    answer VARCHAR,
    choice VARCHAR,
    correct BOOLEAN,
    seed_correct BOOLEAN,
    ground_truth VARCHAR,
    option_logprobs FLOAT[],
    n_steps INTEGER,
    truncated BOOLEAN,
    full_attention_path VARCHAR,
    created_at TIMESTAMP,
    our_correct BOOLEAN,
    PRIMARY KEY (run, scene_id, question_index, variant, presentation, intervention)
);
INSERT INTO answer BY NAME SELECT *, 'plain' AS presentation, 'none' AS intervention FROM inference;
DROP TABLE inference;
COMMENT ON TABLE answer IS 'One row per answer: a question put to a model on one variant of a scene, worded one way, under one intervention. The view inference has the plain ones.';
COMMENT ON COLUMN answer.variant IS 'raw, masked or blank; blank is graded against the raw answer.';
COMMENT ON COLUMN answer.presentation IS 'How the question was put: plain is as the question set words it, options in its order.';
COMMENT ON COLUMN answer.intervention IS 'What was done to the model meanwhile (table intervention); none is nothing.';
COMMENT ON COLUMN answer.answer IS 'The decoded reply without special tokens, stripped, case kept.';
COMMENT ON COLUMN answer.choice IS 'The letter chosen, none, or NULL when unreadable (graded wrong).';
COMMENT ON COLUMN answer.seed_correct IS 'The study''s grade: the ground truth occurs anywhere in the answer.';
COMMENT ON COLUMN answer.option_logprobs IS 'Log-probability of each letter in the order shown, then of None.';
COMMENT ON COLUMN answer.correct IS 'The grade that counts: ours, or for imported answers the file''s own evaluation.';
COMMENT ON COLUMN answer.our_correct IS 'Imported answers only: our grade; NULL where the options can''t be read.';
COMMENT ON COLUMN answer.n_steps IS 'Tokens generated, the end token included.';
COMMENT ON COLUMN answer.truncated IS 'The reply ran into max_new_tokens.';

ALTER TABLE attention RENAME TO answer_attention;
ALTER TABLE answer_attention ADD COLUMN presentation VARCHAR DEFAULT 'plain';
ALTER TABLE answer_attention ADD COLUMN intervention VARCHAR DEFAULT 'none';
ALTER TABLE answer_attention ADD COLUMN query_row VARCHAR DEFAULT 'answer';
COMMENT ON TABLE answer_attention IS 'One row per answer, layer and query: the attention paid to the image cells, six decimals. The view attention has the plain answers'' own query.';
COMMENT ON COLUMN answer_attention.query_row IS 'Which token looks: answer is the last token of the prompt and the generated ones.';
