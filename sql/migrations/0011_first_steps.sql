-- Ready rows for the first step of an answer beside the mean over its steps, for what other scenes' questions ask about, and
-- for the share per area. What was filled before is computed anew (relcli db fill); nothing but speed depends on it.

DELETE FROM attention_fill;
DELETE FROM attention_shift_fill;
DELETE FROM attention_grounding_fill;
DELETE FROM attention_mean_fill;

ALTER TABLE attention_shift_fill ADD COLUMN vector VARCHAR;
COMMENT ON TABLE attention_shift_fill IS 'One row per question, vector and layer: ready rows of the view attention_shift.';
COMMENT ON COLUMN attention_shift_fill.vector IS 'first_step, or mean_heads: the mean over the answer''s steps.';

ALTER TABLE attention_grounding_fill ADD COLUMN vector VARCHAR;
ALTER TABLE attention_grounding_fill ADD COLUMN elsewhere_share FLOAT;
ALTER TABLE attention_grounding_fill ADD COLUMN common_above FLOAT;
ALTER TABLE attention_grounding_fill ADD COLUMN entity_per_area FLOAT;
ALTER TABLE attention_grounding_fill ADD COLUMN others_per_area FLOAT;
ALTER TABLE attention_grounding_fill ADD COLUMN pointing_elsewhere FLOAT;
ALTER TABLE attention_grounding_fill RENAME COLUMN pointing_chance TO pointing_area;
COMMENT ON TABLE attention_grounding_fill IS 'One row per answer, vector and layer: ready rows of the view attention_grounding_by_question.';
COMMENT ON COLUMN attention_grounding_fill.vector IS 'first_step, or mean_heads: the mean over the answer''s steps.';

ALTER TABLE attention_mean_fill ADD COLUMN vector VARCHAR;
COMMENT ON TABLE attention_mean_fill IS 'One row per run, category, variant, vector, layer and grid: ready rows of the view attention_mean.';
COMMENT ON COLUMN attention_mean_fill.vector IS 'first_step, or mean_heads: the mean over the answer''s steps.';

CREATE TABLE attention_target_fill (
    run VARCHAR NOT NULL,
    question_set VARCHAR,
    category VARCHAR,
    variant VARCHAR NOT NULL,
    none_is_right BOOLEAN NOT NULL,
    layout VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    entity DOUBLE[],
    touched DOUBLE[]
);
COMMENT ON TABLE attention_target_fill IS 'One row per run, kind of question and layout: ready rows of the view attention_target.';
