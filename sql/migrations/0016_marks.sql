-- What a person says of questions and runs: marks and notes.

CREATE TABLE question_mark (
    run VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    marked BOOLEAN NOT NULL,
    note VARCHAR,
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (run, scene_id, question_index)
);
COMMENT ON TABLE question_mark IS 'One row per question of a run that a person marked or wrote a note about.';
COMMENT ON COLUMN question_mark.marked IS 'Whether it is marked; a note may stand without a mark.';
COMMENT ON COLUMN question_mark.note IS 'What the person wrote; NULL for a mark alone.';
COMMENT ON COLUMN question_mark.changed_at IS 'When it was last changed, UTC.';

CREATE TABLE run_note (run VARCHAR PRIMARY KEY, note VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL);
COMMENT ON TABLE run_note IS 'One row per run that a person wrote a note about.';
COMMENT ON COLUMN run_note.note IS 'What the person wrote.';
COMMENT ON COLUMN run_note.changed_at IS 'When it was last changed, UTC.';
