-- Results read from files: where they came from, and our grade beside the file's own.

ALTER TABLE inference ADD COLUMN our_correct BOOLEAN;
COMMENT ON COLUMN inference.correct IS 'The grade that counts: ours, or for imported answers the file''s own evaluation.';
COMMENT ON COLUMN inference.our_correct IS 'Imported answers only: our grade; NULL where the options can''t be read.';

CREATE TABLE import_source (
    run VARCHAR NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    results VARCHAR NOT NULL,
    results_sha256 VARCHAR NOT NULL,
    encoding VARCHAR,
    queries VARCHAR,
    dataset_source VARCHAR,
    attention VARCHAR,
    n_lines INTEGER NOT NULL,
    n_left_out INTEGER NOT NULL,
    n_answers INTEGER NOT NULL,
    n_attention INTEGER NOT NULL,
    vision_token_range INTEGER[],
    detail VARCHAR
);
COMMENT ON TABLE import_source IS 'One row per import that added something to a run: the files it read.';
COMMENT ON COLUMN import_source.n_lines IS 'Lines of the results file, its first one aside.';
COMMENT ON COLUMN import_source.n_left_out IS 'Lines, answers and attention files that --partial left out; detail says why.';
COMMENT ON COLUMN import_source.n_answers IS 'Answers this import added; twice the questions with raw and masked.';
COMMENT ON COLUMN import_source.n_attention IS 'Answers whose attention this import added.';
COMMENT ON COLUMN import_source.vision_token_range IS 'First image token in the prompt and the one after the last, as the files say.';
