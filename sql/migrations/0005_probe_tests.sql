-- Probes tested over all layers at once, the layer chosen in inner folds; several shuffles with their spread. What was
-- probed before has neither: NULL, and no row in probe_test.

ALTER TABLE probe_result ADD COLUMN shuffled_sd DOUBLE;
COMMENT ON COLUMN probe_result.shuffled IS 'Mean accuracy of probes fitted and scored on shuffled labels.';
COMMENT ON COLUMN probe_result.shuffled_sd IS 'Standard deviation of that over the shuffles; NULL from one shuffle.';

CREATE TABLE probe_test (
    run VARCHAR NOT NULL,
    probe VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    n_scenes INTEGER NOT NULL,
    layers SMALLINT[] NOT NULL,
    layer SMALLINT,
    fold_layers SMALLINT[] NOT NULL,
    accuracy DOUBLE NOT NULL,
    se DOUBLE,
    ci_low DOUBLE,
    ci_high DOUBLE,
    majority DOUBLE NOT NULL,
    shuffled DOUBLE,
    shuffled_sd DOUBLE,
    prompt_only DOUBLE NOT NULL,
    n_right INTEGER NOT NULL,
    accuracy_right DOUBLE,
    n_wrong INTEGER NOT NULL,
    accuracy_wrong DOUBLE,
    shuffles INTEGER NOT NULL,
    permutations INTEGER NOT NULL,
    statistic DOUBLE NOT NULL,
    statistic_null DOUBLE,
    statistic_null_95 DOUBLE,
    p_layers DOUBLE,
    p_majority DOUBLE NOT NULL,
    p_prompt DOUBLE NOT NULL,
    n_family INTEGER NOT NULL,
    fitted_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE probe_test IS 'One row per probe and label: accuracy with the layer chosen in inner folds, and its tests. None for the study''s protocol.';
COMMENT ON COLUMN probe_test.n IS 'Rows scored, each once, in the outer folds.';
COMMENT ON COLUMN probe_test.layers IS 'The layers chosen from; empty where only all side by side were fitted.';
COMMENT ON COLUMN probe_test.layer IS 'The layer the same choice makes on all rows; NULL for all side by side.';
COMMENT ON COLUMN probe_test.fold_layers IS 'The layer chosen in the inner folds of each outer fold.';
COMMENT ON COLUMN probe_test.accuracy IS 'Nested cross-validation: each outer fold scored on the layer chosen without it.';
COMMENT ON COLUMN probe_test.se IS 'Standard error of the mean over outer folds.';
COMMENT ON COLUMN probe_test.ci_low IS '95% interval, lower end, questions of a scene allowed to agree (clustered by scene).';
COMMENT ON COLUMN probe_test.ci_high IS '95% interval, upper end.';
COMMENT ON COLUMN probe_test.shuffled IS 'Mean accuracy on shuffled labels, on the layers chosen.';
COMMENT ON COLUMN probe_test.statistic IS 'What is permuted: the largest cross-validated accuracy of a ridge classifier over the layers.';
COMMENT ON COLUMN probe_test.statistic_null IS 'Its mean over the permutations.';
COMMENT ON COLUMN probe_test.statistic_null_95 IS 'Its 95% quantile over the permutations.';
COMMENT ON COLUMN probe_test.p_layers IS 'Of the largest over layers, labels permuted between scenes; NULL without permutations.';
COMMENT ON COLUMN probe_test.p_majority IS 'One-sided: no more right than the commonest training class. Sign-flip over scenes, exact.';
COMMENT ON COLUMN probe_test.p_prompt IS 'One-sided: no more right than the probe that sees the prompt alone. Sign-flip over scenes, exact.';
COMMENT ON COLUMN probe_test.n_family IS 'Labels of all of the run''s categories: the family of Holm''s correction, whatever was probed.';
