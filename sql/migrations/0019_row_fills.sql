-- Ready rows for the views of query rows. Nothing but speed depends on them; relcli db fill makes them for the runs
-- that are there.

CREATE TABLE attention_row_shift_fill (
    run VARCHAR NOT NULL,
    category VARCHAR,
    query_row VARCHAR NOT NULL,
    layer SMALLINT NOT NULL,
    n BIGINT NOT NULL,
    l1 DOUBLE,
    cosine DOUBLE
);
COMMENT ON TABLE attention_row_shift_fill IS 'One row per run, category, query row and layer: ready rows of the view attention_row_shift.';

CREATE TABLE attention_row_grounding_fill (
    run VARCHAR NOT NULL,
    category VARCHAR,
    variant VARCHAR NOT NULL,
    query_row VARCHAR NOT NULL,
    layer SMALLINT NOT NULL,
    n BIGINT NOT NULL,
    entropy DOUBLE,
    image_mass DOUBLE,
    n_entity BIGINT,
    entity_share DOUBLE,
    entity_area DOUBLE,
    n_scenes BIGINT,
    elsewhere_share DOUBLE,
    above_elsewhere DOUBLE,
    above_elsewhere_low DOUBLE,
    above_elsewhere_high DOUBLE,
    elsewhere_p DOUBLE,
    entity_per_area DOUBLE,
    others_per_area DOUBLE,
    above_others DOUBLE,
    above_others_low DOUBLE,
    above_others_high DOUBLE,
    others_p DOUBLE,
    looks_p DOUBLE,
    distractor_share DOUBLE,
    distractor_area DOUBLE,
    arrow_share DOUBLE,
    arrow_area DOUBLE
);
COMMENT ON TABLE attention_row_grounding_fill IS 'One row per run, category, variant, query row and layer: ready rows of the view attention_row_grounding.';

COMMENT ON TABLE attention_fill IS 'One row per run and part (mean; rows; query_rows) that is filled, with the state of the run it was made of.';
