-- Linear probes on attention: how they were fitted, and what each reached.

CREATE TABLE probe (
    run VARCHAR NOT NULL,
    probe VARCHAR NOT NULL,
    variant VARCHAR NOT NULL,
    features VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    protocol VARCHAR NOT NULL,
    folds INTEGER,
    seed INTEGER NOT NULL,
    min_subset INTEGER NOT NULL,
    state VARCHAR NOT NULL,
    command VARCHAR,
    relcli_version VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    PRIMARY KEY (run, probe)
);
COMMENT ON TABLE probe IS 'One row per run and way of probing it; the name holds the settings, so probing again replaces.';
COMMENT ON COLUMN probe.variant IS 'The pictures the answers are about: raw or masked.';
COMMENT ON COLUMN probe.features IS 'The attention vector probed: mean_heads, first_step or last_step.';
COMMENT ON COLUMN probe.split IS 'scene: all questions on a picture stand on one side; row: they may stand on both.';
COMMENT ON COLUMN probe.protocol IS 'relcli: cross-validation with controls; seed: the study''s one 80/20 split without.';
COMMENT ON COLUMN probe.folds IS 'NULL for a single split.';
COMMENT ON COLUMN probe.min_subset IS 'Right or wrong answers alone have an accuracy from so many rows up.';
COMMENT ON COLUMN probe.state IS 'Of the last command: running, done, stopped or failed. Finished results stay either way.';

CREATE TABLE probe_result (
    run VARCHAR NOT NULL,
    probe VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    layer SMALLINT,
    subset VARCHAR NOT NULL,
    n_classes INTEGER NOT NULL,
    n_samples INTEGER NOT NULL,
    n INTEGER NOT NULL,
    accuracy DOUBLE,
    se DOUBLE,
    majority DOUBLE,
    shuffled DOUBLE,
    prompt_only DOUBLE,
    fold_n INTEGER[],
    fold_accuracy DOUBLE[],
    fitted_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE probe_result IS 'One row per probe, label, layer and subset of answers; no row twice.';
COMMENT ON COLUMN probe_result.layer IS 'Counts from 0; NULL for all layers side by side.';
COMMENT ON COLUMN probe_result.subset IS 'all, right or wrong: of the test rows, those the model answered so.';
COMMENT ON COLUMN probe_result.n_samples IS 'Rows that have the label, in training and test parts.';
COMMENT ON COLUMN probe_result.n IS 'Test rows scored.';
COMMENT ON COLUMN probe_result.accuracy IS 'Over the test rows of all folds; NULL below probe.min_subset rows.';
COMMENT ON COLUMN probe_result.se IS 'Standard error of the mean over folds; NULL for a single split.';
COMMENT ON COLUMN probe_result.majority IS 'Accuracy of the commonest training class, on the same rows.';
COMMENT ON COLUMN probe_result.shuffled IS 'Accuracy of a probe fitted and scored on shuffled labels.';
COMMENT ON COLUMN probe_result.prompt_only IS 'Accuracy of a probe that sees the words of the prompt and no attention.';
