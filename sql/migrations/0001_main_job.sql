-- Scenes, questions, runs, answers and attention. Keys are natural; times are UTC; vectors lie row by row on a
-- grid_height x grid_width grid over the picture. No foreign keys and no secondary indexes: they block later
-- migrations. Attention has no primary key on purpose: it would add a quarter to the file, and ingest takes a
-- part's attention in only together with inference rows that are new (they have the key).

CREATE TABLE schema_migration (
    version INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL,
    relcli_version VARCHAR NOT NULL
);
COMMENT ON TABLE schema_migration IS 'One row per migration applied to this file.';

CREATE TABLE schema_object (name VARCHAR PRIMARY KEY, kind VARCHAR NOT NULL, position INTEGER, digest VARCHAR);
COMMENT ON TABLE schema_object IS 'One row per macro or view that relcli sets again after every migration.';

CREATE TABLE dataset (
    dataset VARCHAR PRIMARY KEY,
    source VARCHAR,
    seed BIGINT,
    n_scenes INTEGER NOT NULL,
    question_sets VARCHAR[],
    has_annotations BOOLEAN NOT NULL,
    content_hash VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE dataset IS 'One row per data set: a set of scenes with pictures and questions.';
COMMENT ON COLUMN dataset.source IS 'The folder it was read from; NULL when it was made in memory.';
COMMENT ON COLUMN dataset.content_hash IS 'Hash over pictures, annotations and questions: same content, same hash.';

CREATE TABLE scene (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    image_filename VARCHAR NOT NULL,
    width INTEGER,
    height INTEGER,
    n_entities INTEGER,
    n_relations INTEGER,
    split VARCHAR,
    image BLOB,
    masked_filename VARCHAR,
    masked_image BLOB,
    has_twin BOOLEAN NOT NULL,
    twin_changed BOOLEAN,
    masked_kind VARCHAR,
    masked_entity_id INTEGER,
    masked_relation_index INTEGER,
    PRIMARY KEY (dataset, scene_id)
);
COMMENT ON TABLE scene IS 'One row per scene: its picture and its masked twin (PNG bytes).';
COMMENT ON COLUMN scene.scene_id IS 'The integer in the picture''s file name.';
COMMENT ON COLUMN scene.split IS 'train, val or test.';
COMMENT ON COLUMN scene.twin_changed IS 'False when the twin''s picture is pixel for pixel the original''s.';
COMMENT ON COLUMN scene.masked_kind IS 'object: an entity and its relations are gone; relation: one relation is.';

CREATE TABLE entity (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    entity_id INTEGER NOT NULL,
    shape VARCHAR NOT NULL,
    size VARCHAR NOT NULL,
    color VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    center_x INTEGER NOT NULL,
    center_y INTEGER NOT NULL,
    x_min INTEGER,
    y_min INTEGER,
    x_max INTEGER,
    y_max INTEGER,
    in_twin BOOLEAN NOT NULL,
    PRIMARY KEY (dataset, scene_id, entity_id)
);
COMMENT ON TABLE entity IS 'One row per drawn object of a scene; positions in pixels from the top left.';
COMMENT ON COLUMN entity.in_twin IS 'Still there in the masked twin; false without a twin.';

CREATE TABLE relation (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    relation_index INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    object_id INTEGER NOT NULL,
    relation VARCHAR NOT NULL,
    explicit BOOLEAN NOT NULL,
    in_twin BOOLEAN NOT NULL,
    PRIMARY KEY (dataset, scene_id, relation_index)
);
COMMENT ON TABLE relation IS 'One row per pair of entities: where the object lies as seen from the subject.';
COMMENT ON COLUMN relation.explicit IS 'An arrow is drawn from subject to object.';
COMMENT ON COLUMN relation.in_twin IS 'Still valid in the masked twin: neither masked nor touching a masked entity.';

CREATE TABLE region (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    item_id INTEGER NOT NULL,
    grid_height SMALLINT NOT NULL,
    grid_width SMALLINT NOT NULL,
    coverage FLOAT[] NOT NULL
);
COMMENT ON TABLE region IS 'One row per entity or arrow and grid: the share of each cell it covers.';
COMMENT ON COLUMN region.kind IS 'entity (item_id is the entity_id) or arrow (item_id is the relation_index).';

CREATE TABLE question (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    question_set VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    stem VARCHAR,
    options VARCHAR[],
    ground_truth VARCHAR NOT NULL,
    ground_truth_masked VARCHAR,
    entities INTEGER[],
    relation_index INTEGER,
    flaws VARCHAR[],
    PRIMARY KEY (dataset, scene_id, question_index)
);
COMMENT ON TABLE question IS 'One row per question asked about a scene.';
COMMENT ON COLUMN question.text IS 'The whole prompt as sent.';
COMMENT ON COLUMN question.options IS 'The option texts without their letters, in the order shown.';
COMMENT ON COLUMN question.ground_truth IS 'The right letter, "a)" to "d)", or "None".';
COMMENT ON COLUMN question.ground_truth_masked IS 'The same for the masked twin; empty without a twin.';
COMMENT ON COLUMN question.entities IS 'The entity_ids asked about: source then target, or subject then reference.';

CREATE TABLE run (
    run VARCHAR PRIMARY KEY,
    dataset VARCHAR NOT NULL,
    question_set VARCHAR,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    model VARCHAR,
    model_path VARCHAR,
    revision VARCHAR,
    weights_hash VARCHAR,
    dtype VARCHAR,
    device VARCHAR,
    attention VARCHAR,
    attention_implementation VARCHAR,
    batch_size INTEGER,
    variants VARCHAR[],
    categories VARCHAR[],
    scene_ids INTEGER[],
    max_new_tokens INTEGER,
    n_planned INTEGER,
    image_tokens INTEGER,
    grid_height INTEGER,
    grid_width INTEGER,
    image_width INTEGER,
    image_height INTEGER,
    prompt_hash VARCHAR,
    question_set_version VARCHAR,
    decoding JSON,
    versions JSON,
    git_commit VARCHAR,
    settings_hash VARCHAR,
    command VARCHAR,
    started_at TIMESTAMP NOT NULL,
    heartbeat_at TIMESTAMP,
    finished_at TIMESTAMP,
    message VARCHAR
);
COMMENT ON TABLE run IS 'One row per run: everything that shaped its answers. For its state see the view run_state.';
COMMENT ON COLUMN run.kind IS 'run (answered here) or import (read from result files).';
COMMENT ON COLUMN run.scene_ids IS 'The scenes asked for; NULL for all.';
COMMENT ON COLUMN run.n_planned IS 'Answers the run will have when it is complete: questions times variants.';
COMMENT ON COLUMN run.image_width IS 'Pixels as the model sees the picture, after its processor.';

CREATE TABLE inference (
    run VARCHAR NOT NULL,
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
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
    PRIMARY KEY (run, scene_id, question_index, variant)
);
COMMENT ON TABLE inference IS 'One row per answer: a question put to a model on one variant of a scene.';
COMMENT ON COLUMN inference.variant IS 'raw, masked or blank; blank is graded against the raw answer.';
COMMENT ON COLUMN inference.answer IS 'The decoded reply without special tokens, stripped, case kept.';
COMMENT ON COLUMN inference.choice IS 'The letter chosen, none, or NULL when unreadable (graded wrong).';
COMMENT ON COLUMN inference.seed_correct IS 'The study''s grade: the ground truth occurs anywhere in the answer.';
COMMENT ON COLUMN inference.option_logprobs IS 'Log-probability of each letter in the order shown, then of None.';
COMMENT ON COLUMN inference.n_steps IS 'Tokens generated, the end token included.';
COMMENT ON COLUMN inference.truncated IS 'The reply ran into max_new_tokens.';

CREATE TABLE attention (
    run VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    layer SMALLINT NOT NULL,
    grid_height SMALLINT NOT NULL,
    grid_width SMALLINT NOT NULL,
    mean_heads FLOAT[],
    max_heads FLOAT[],
    first_step FLOAT[],
    last_step FLOAT[],
    mean_heads_entropy FLOAT,
    max_heads_entropy FLOAT,
    first_step_entropy FLOAT,
    last_step_entropy FLOAT,
    step_entropy FLOAT[],
    image_mass FLOAT,
    n_steps INTEGER
);
COMMENT ON TABLE attention IS 'One row per answer and layer: the attention paid to the image cells, six decimals.';
COMMENT ON COLUMN attention.layer IS 'Counts from 0.';
COMMENT ON COLUMN attention.mean_heads IS 'Mean over heads and steps, one value per cell.';
COMMENT ON COLUMN attention.max_heads IS 'Maximum over heads and steps.';
COMMENT ON COLUMN attention.first_step IS 'Mean over heads at the step that yields the first token.';
COMMENT ON COLUMN attention.last_step IS 'Mean over heads at the last step.';
COMMENT ON COLUMN attention.mean_heads_entropy IS 'Shannon entropy, natural log, of the vector normalised to sum 1.';
COMMENT ON COLUMN attention.step_entropy IS 'The same for every step''s mean over heads.';
COMMENT ON COLUMN attention.image_mass IS 'Total weight on the image, mean over heads and steps (0 to 1).';

CREATE TABLE verification (
    run VARCHAR NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    n_questions INTEGER,
    tokens_equal BOOLEAN,
    max_attention_error DOUBLE,
    answers_equal_across_batch BOOLEAN,
    passed BOOLEAN NOT NULL,
    detail VARCHAR
);
COMMENT ON TABLE verification IS 'One row per comparison of the fast path with plain eager generation.';

CREATE TABLE spool_part (
    run VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    rows INTEGER NOT NULL,
    ingested_at TIMESTAMP NOT NULL,
    PRIMARY KEY (run, part)
);
COMMENT ON TABLE spool_part IS 'One row per Parquet part taken in, written together with its rows.';

CREATE TABLE reference_accuracy (
    source VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    accuracy_raw DOUBLE,
    accuracy_masked DOUBLE,
    "drop" DOUBLE,
    drop_pct DOUBLE,
    retain_rate DOUBLE,
    fix_rate DOUBLE,
    n_correct_raw INTEGER,
    n_incorrect_raw INTEGER,
    PRIMARY KEY (source, category)
);
COMMENT ON TABLE reference_accuracy IS 'One row per published figure set: a source and a category.';
