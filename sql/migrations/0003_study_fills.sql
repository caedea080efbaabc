-- What would take seconds to compute anew for a run of the study's size is kept in fill tables
-- (relcli/warehouse/materialized.py). A fill is never the truth: the views read it for runs whose attention is, by count and
-- fingerprint, what the fill was made of, and compute everything anew for others.

CREATE TABLE attention_fill (
    run VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    n_rows BIGINT NOT NULL,
    fingerprint UBIGINT,
    n_regions BIGINT NOT NULL,
    filled_at TIMESTAMP NOT NULL,
    PRIMARY KEY (run, part)
);
COMMENT ON TABLE attention_fill IS 'One row per run and part (mean; rows) that is filled, with the state of the run it was made of.';

CREATE TABLE attention_shift_fill (
    run VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    layer SMALLINT NOT NULL,
    l1 FLOAT,
    l2 FLOAT,
    kl FLOAT,
    cosine FLOAT,
    l1_unnormalised FLOAT,
    l2_unnormalised FLOAT
);
COMMENT ON TABLE attention_shift_fill IS 'One row per question and layer: ready rows of the view attention_shift.';

CREATE TABLE attention_grounding_fill (
    run VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    layer SMALLINT NOT NULL,
    entity_share FLOAT,
    entity_area FLOAT,
    distractor_share FLOAT,
    distractor_area FLOAT,
    arrow_share FLOAT,
    arrow_area FLOAT,
    masked_place_share FLOAT,
    masked_place_area FLOAT,
    sink_share FLOAT,
    sink_area FLOAT,
    pointing_hit BOOLEAN,
    pointing_chance FLOAT,
    centre_distance FLOAT,
    iou FLOAT
);
COMMENT ON TABLE attention_grounding_fill IS 'One row per answer and layer: ready rows of the view attention_grounding_by_question.';

CREATE TABLE attention_mean_fill (
    run VARCHAR NOT NULL,
    category VARCHAR,
    variant VARCHAR NOT NULL,
    layer SMALLINT NOT NULL,
    grid_height SMALLINT NOT NULL,
    grid_width SMALLINT NOT NULL,
    n BIGINT NOT NULL,
    shares DOUBLE[]
);
COMMENT ON TABLE attention_mean_fill IS 'One row per run, category, variant, layer and grid: ready rows of the view attention_mean.';

CREATE TABLE reference_probe_accuracy (
    source VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    n_classes INTEGER,
    n_samples INTEGER,
    n_test INTEGER,
    n_right INTEGER,
    n_false INTEGER,
    acc_all DOUBLE,
    acc_right DOUBLE,
    acc_false DOUBLE,
    PRIMARY KEY (source, category, label)
);
COMMENT ON TABLE reference_probe_accuracy IS 'One row per published probe: a source, a category and a label.';
COMMENT ON COLUMN reference_probe_accuracy.acc_right IS 'Accuracy on test rows the model answered correctly (n_right).';
COMMENT ON COLUMN reference_probe_accuracy.acc_false IS 'Accuracy on test rows the model answered wrongly (n_false).';
