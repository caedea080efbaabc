-- What readers without the picture score on a data set's questions, so that it can stand beside every accuracy.

CREATE TABLE words_alone (
    dataset VARCHAR NOT NULL,
    question_set VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    variant VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    n_scenes INTEGER NOT NULL,
    accuracy DOUBLE NOT NULL,
    ci_low DOUBLE NOT NULL,
    ci_high DOUBLE NOT NULL,
    likeliest DOUBLE NOT NULL,
    reader INTEGER NOT NULL,
    computed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (dataset, question_set, category, variant)
);
COMMENT ON TABLE words_alone IS 'One row per data set, question set, category and variant: what a reader of the words alone scores, without any picture or model. Empty for fewer than ten scenes.';
COMMENT ON COLUMN words_alone.variant IS 'Whose truth is guessed: raw, or masked for that of the twins. The blank picture is graded against raw.';
COMMENT ON COLUMN words_alone.n IS 'Questions read, each held out once; a run reads at most 400 scenes, relcli audit all.';
COMMENT ON COLUMN words_alone.n_scenes IS 'Scenes they are about; whole scenes are held out together.';
COMMENT ON COLUMN words_alone.accuracy IS 'Share right of a classifier on the words of question and options: mean over the five folds.';
COMMENT ON COLUMN words_alone.ci_low IS '95% interval over scenes, lower end.';
COMMENT ON COLUMN words_alone.ci_high IS '95% interval over scenes, upper end.';
COMMENT ON COLUMN words_alone.likeliest IS 'Share right of always giving the likeliest option: the commonest answer of the other folds.';
COMMENT ON COLUMN words_alone.reader IS 'Version of the reader; an older one is read again.';
COMMENT ON COLUMN words_alone.computed_at IS 'When, UTC.';
