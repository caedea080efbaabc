-- Variants of a scene as rows: any number of pictures, named, each with what it shows otherwise than the raw one and
-- with the truth of every question on it. What used to be columns about the masked twin stands here too; the views
-- scene, entity, relation and question have those columns still, so everything that read the tables of old reads the
-- same rows. The blank picture is white, so it has no row in picture, and is graded against the raw truth.

CREATE TABLE variant (
    dataset VARCHAR NOT NULL,
    variant VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    graded_as VARCHAR NOT NULL,
    PRIMARY KEY (dataset, variant)
);
COMMENT ON TABLE variant IS 'One row per data set and variant of its scenes: the pictures there are to ask about.';
COMMENT ON COLUMN variant.kind IS 'raw; blank (all white); mask (something is taken away); change (something is another, so that some answers are); placebo (something is another, and every answer stays); own (brought along).';
COMMENT ON COLUMN variant.graded_as IS 'The variant whose truth holds: its own, but raw for blank.';

CREATE TABLE picture (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    image_filename VARCHAR NOT NULL,
    image BLOB,
    differs BOOLEAN,
    edit VARCHAR,
    entity_id INTEGER,
    relation_index INTEGER,
    PRIMARY KEY (dataset, scene_id, variant)
);
COMMENT ON TABLE picture IS 'One row per scene and variant: its picture (PNG bytes) and, for all but raw, what was edited.';
COMMENT ON COLUMN picture.image IS 'NULL where results were imported without their pictures.';
COMMENT ON COLUMN picture.differs IS 'False when it is pixel for pixel the raw one; NULL when unknown, and for raw.';
COMMENT ON COLUMN picture.edit IS 'Of a mask: object (it is gone with its relations) or relation (one is, with its arrow if it had one). Else recoloured, reshaped, resized, moved or added (an object), turned (an arrow is the other way round), rejoined (an arrow joins another pair), or other. NULL when unknown, and for raw.';
COMMENT ON COLUMN picture.entity_id IS 'The object that was edited.';
COMMENT ON COLUMN picture.relation_index IS 'The relation that was edited, of the raw scene.';

CREATE TABLE variant_entity (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    entity_id INTEGER NOT NULL,
    is_there BOOLEAN NOT NULL,
    shape VARCHAR,
    size VARCHAR,
    color VARCHAR,
    name VARCHAR,
    center_x INTEGER,
    center_y INTEGER,
    x_min INTEGER,
    y_min INTEGER,
    x_max INTEGER,
    y_max INTEGER,
    PRIMARY KEY (dataset, scene_id, variant, entity_id)
);
COMMENT ON TABLE variant_entity IS 'One row per object that a variant shows otherwise than the raw picture. All others are as in entity.';
COMMENT ON COLUMN variant_entity.is_there IS 'False when it is gone; the other columns are NULL then.';

CREATE TABLE variant_relation (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    relation_index INTEGER NOT NULL,
    is_there BOOLEAN NOT NULL,
    subject_id INTEGER,
    object_id INTEGER,
    relation VARCHAR,
    explicit BOOLEAN,
    PRIMARY KEY (dataset, scene_id, variant, relation_index)
);
COMMENT ON TABLE variant_relation IS 'One row per relation that is otherwise on a variant than on the raw picture. All others are as in relation.';
COMMENT ON COLUMN variant_relation.is_there IS 'False when it is masked, or an end of it is gone; the other columns are NULL then.';

CREATE TABLE question_truth (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    variant VARCHAR NOT NULL,
    ground_truth VARCHAR NOT NULL,
    touched BOOLEAN,
    PRIMARY KEY (dataset, scene_id, question_index, variant)
);
COMMENT ON TABLE question_truth IS 'One row per question and variant it has a right answer on. For blank see variant.graded_as.';
COMMENT ON COLUMN question_truth.ground_truth IS 'The right letter, "a)" to "z)", or "None".';
COMMENT ON COLUMN question_truth.touched IS 'Whether the edit touches what is asked about: the truth is another, or an object or arrow asked about was edited. NULL when unknown, and for raw.';

INSERT INTO variant
SELECT dataset, variant, kind, graded_as
FROM dataset, (VALUES ('raw', 'raw', 'raw'), ('blank', 'blank', 'raw')) AS v (variant, kind, graded_as)
UNION ALL
SELECT DISTINCT dataset, 'masked', 'mask', 'masked' FROM scene WHERE has_twin;

INSERT INTO picture (dataset, scene_id, variant, image_filename, image)
SELECT dataset, scene_id, 'raw', image_filename, image FROM scene;
INSERT INTO picture
SELECT
    dataset, scene_id, 'masked', coalesce(masked_filename, image_filename), masked_image, twin_changed, masked_kind,
    masked_entity_id, masked_relation_index
FROM scene
WHERE has_twin;

INSERT INTO variant_entity (dataset, scene_id, variant, entity_id, is_there)
SELECT e.dataset, e.scene_id, 'masked', e.entity_id, false
FROM entity AS e
JOIN scene AS s USING (dataset, scene_id)
WHERE s.has_twin AND s.masked_kind IS NOT NULL AND NOT e.in_twin;

INSERT INTO variant_relation (dataset, scene_id, variant, relation_index, is_there)
SELECT r.dataset, r.scene_id, 'masked', r.relation_index, false
FROM relation AS r
JOIN scene AS s USING (dataset, scene_id)
WHERE s.has_twin AND s.masked_kind IS NOT NULL AND NOT r.in_twin;

INSERT INTO question_truth (dataset, scene_id, question_index, variant, ground_truth)
SELECT dataset, scene_id, question_index, 'raw', ground_truth FROM question;
INSERT INTO question_truth
SELECT
    q.dataset, q.scene_id, q.question_index, 'masked', q.ground_truth_masked,
    q.ground_truth_masked <> q.ground_truth OR CASE s.masked_kind
        WHEN 'object' THEN q.category = 'count' OR coalesce(list_contains(q.entities, s.masked_entity_id), false)
        WHEN 'relation' THEN r.explicit AND (q.category = 'explicit_connection' OR (
            q.category = 'explicit_arrow_direction' AND coalesce(q.relation_index = s.masked_relation_index, false)))
    END
FROM question AS q
JOIN scene AS s USING (dataset, scene_id)
LEFT JOIN relation AS r ON r.dataset = s.dataset AND r.scene_id = s.scene_id AND r.relation_index = s.masked_relation_index
WHERE coalesce(q.ground_truth_masked, '') <> '';

CREATE TABLE raw_scene (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    n_entities INTEGER,
    n_relations INTEGER,
    split VARCHAR,
    PRIMARY KEY (dataset, scene_id)
);
INSERT INTO raw_scene SELECT dataset, scene_id, width, height, n_entities, n_relations, split FROM scene;
DROP TABLE scene;
COMMENT ON TABLE raw_scene IS 'One row per scene. The view scene has its pictures too, raw and masked.';
COMMENT ON COLUMN raw_scene.scene_id IS 'The integer in the picture''s file name.';
COMMENT ON COLUMN raw_scene.width IS 'Of all its pictures, in pixels.';
COMMENT ON COLUMN raw_scene.split IS 'train, val or test.';

CREATE TABLE raw_entity (
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
    PRIMARY KEY (dataset, scene_id, entity_id)
);
INSERT INTO raw_entity SELECT * EXCLUDE (in_twin) FROM entity;
DROP TABLE entity;
COMMENT ON TABLE raw_entity IS 'One row per object drawn in the raw picture; positions in pixels from the top left.';

CREATE TABLE raw_relation (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    relation_index INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    object_id INTEGER NOT NULL,
    relation VARCHAR NOT NULL,
    explicit BOOLEAN NOT NULL,
    PRIMARY KEY (dataset, scene_id, relation_index)
);
INSERT INTO raw_relation SELECT * EXCLUDE (in_twin) FROM relation;
DROP TABLE relation;
COMMENT ON TABLE raw_relation IS 'One row per pair of entities of the raw picture: where the object lies as seen from the subject.';
COMMENT ON COLUMN raw_relation.explicit IS 'An arrow is drawn from subject to object.';

CREATE TABLE question_text (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    question_set VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    stem VARCHAR,
    options VARCHAR[],
    entities INTEGER[],
    relation_index INTEGER,
    flaws VARCHAR[],
    PRIMARY KEY (dataset, scene_id, question_index)
);
INSERT INTO question_text SELECT * EXCLUDE (ground_truth, ground_truth_masked) FROM question;
DROP TABLE question;
COMMENT ON TABLE question_text IS 'One row per question asked about a scene; its right answers are in question_truth. The view question has those of the raw and masked picture beside it.';
COMMENT ON COLUMN question_text.text IS 'The whole prompt as sent.';
COMMENT ON COLUMN question_text.options IS 'The option texts without their letters, in the order shown.';
COMMENT ON COLUMN question_text.entities IS 'The entity_ids asked about: source then target, or subject then reference.';

-- Other ways to put a question: its options in another order, its stem in other words.
CREATE TABLE question_presentation (
    dataset VARCHAR NOT NULL,
    scene_id INTEGER NOT NULL,
    question_index INTEGER NOT NULL,
    presentation VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    stem VARCHAR NOT NULL,
    options VARCHAR[] NOT NULL,
    option_order INTEGER[] NOT NULL,
    PRIMARY KEY (dataset, scene_id, question_index, presentation)
);
COMMENT ON TABLE question_presentation IS 'One row per question and way to put it other than plain, of runs with --orders or --wordings.';
COMMENT ON COLUMN question_presentation.presentation IS 'order-1 and on: the options in another order; wording-1 and on: the stem in other words; both joined by a +.';
COMMENT ON COLUMN question_presentation.text IS 'The whole prompt as sent.';
COMMENT ON COLUMN question_presentation.option_order IS 'For each option shown, its place from 0 among those of the plain question.';

ALTER TABLE run ADD COLUMN orders INTEGER;
ALTER TABLE run ADD COLUMN wordings INTEGER;
COMMENT ON COLUMN run.orders IS 'In how many orders of its options each question was asked; NULL is one. wordings the same for its words.';

COMMENT ON COLUMN answer.variant IS 'The picture asked about: raw, masked, blank (graded against the raw answer), changed, placebo, or one of the data set''s own (table variant).';
