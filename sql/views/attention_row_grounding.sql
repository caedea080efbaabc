CREATE OR REPLACE VIEW attention_row_grounding AS
FROM attention_row_grounding_of((SELECT list(run) FROM run));

COMMENT ON VIEW attention_row_grounding IS 'One row per run, category, variant, query row and layer: where each row looks, means over questions, beside what chance gives; the answer''s at the step that yields it. attention_row_grounding_of([run]) is quicker for one run.';
COMMENT ON COLUMN attention_row_grounding.query_row IS 'answer, or the tokens of the question of that role (prompt_token).';
COMMENT ON COLUMN attention_row_grounding.entropy IS 'Shannon entropy, natural log, of the attention normalised to sum 1.';
COMMENT ON COLUMN attention_row_grounding.n_entity IS 'Questions whose asked-about entities are in the picture: those entity_share is over.';
COMMENT ON COLUMN attention_row_grounding.entity_share IS 'Share of the attention on the picture that lies on the entities asked about; entity_area is their share of the picture.';
COMMENT ON COLUMN attention_row_grounding.elsewhere_share IS 'Chance, other scenes: the share of the same attention on what the questions of the run''s other scenes ask about, as in attention_grounding_by_question.';
COMMENT ON COLUMN attention_row_grounding.above_elsewhere IS 'entity_share over that chance; above_elsewhere_low and _high are its 95% interval over scenes, elsewhere_p the one-sided sign-flip test over scenes.';
COMMENT ON COLUMN attention_row_grounding.others_per_area IS 'Chance, within the picture: share per area of an entity not asked about, against entity_per_area of one that is; above_others and others_p as above.';
COMMENT ON COLUMN attention_row_grounding.looks_p IS 'The larger p: looks at what is asked about beyond both chances.';
