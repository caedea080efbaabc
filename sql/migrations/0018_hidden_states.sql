-- What a model's inside knows: which rows' hidden states a run keeps beside the warehouse, what each layer would
-- answer, and what cross-fitted probes say of single answers.

ALTER TABLE run ADD COLUMN hidden_rows VARCHAR[];
COMMENT ON COLUMN run.hidden_rows IS 'Rows (as in query_rows) whose state after each layer is kept, as arrays beside the warehouse; NULL for none.';

ALTER TABLE answer ADD COLUMN lens_logprobs FLOAT[][];
COMMENT ON COLUMN answer.lens_logprobs IS 'Logit lens: of each layer, from 0, what its state would give each option, as in option_logprobs, which the last layer''s equal. NULL in runs without --hidden answer.';

CREATE TABLE probe_score (
    run VARCHAR NOT NULL,
    probe VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    value VARCHAR NOT NULL,
    predicted VARCHAR NOT NULL,
    layer SMALLINT,
    score DOUBLE
);
COMMENT ON TABLE probe_score IS 'One row per probe, label and answer that has the label: what a probe says of it that was fitted without its scene''s fold, on the layer chosen there.';
COMMENT ON COLUMN probe_score.value IS 'The label''s value.';
COMMENT ON COLUMN probe_score.predicted IS 'The value that the probe takes for likeliest.';
COMMENT ON COLUMN probe_score.layer IS 'The layer that the inner folds chose; NULL for all side by side.';
COMMENT ON COLUMN probe_score.score IS 'Of labels with two values: the log-odds it gives the second one in alphabetical order, such as wrong of right and wrong; NULL of labels with more.';
COMMENT ON COLUMN probe.features IS 'What is probed: an attention vector of the answer (mean_heads, first_step, last_step), the attention of a row of the question, or hidden states (hidden, or such as hidden_target).';
