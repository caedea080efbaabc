CREATE OR REPLACE VIEW attention_grounding_by_question AS
FROM attention_grounding_of('first_step');

COMMENT ON VIEW attention_grounding_by_question IS 'One row per answer and layer: the share of the attention on the picture at the first step that lies on what the question is about, beside the share of the area and what chance would give; attention_grounding_of(''mean_heads'') has the mean over steps.';
COMMENT ON COLUMN attention_grounding_by_question.entity_share IS 'On the entities asked about: sum(attention * coverage) / sum(attention). NULL without geometry, or where the picture lacks them.';
COMMENT ON COLUMN attention_grounding_by_question.entity_area IS 'The share of the picture they cover: what an even map would give, not what chance would.';
COMMENT ON COLUMN attention_grounding_by_question.elsewhere_share IS 'Chance, other scenes: the share of the same attention on what the questions of the run''s other scenes ask about, mean over those of the same question set, category, grid and kind of truth (None or an option). NULL without any.';
COMMENT ON COLUMN attention_grounding_by_question.common_above IS 'entity_share less elsewhere_share of the category''s mean map, which knows nothing of this question: 0 on the mean over questions, and taken out of the difference before its error is estimated.';
COMMENT ON COLUMN attention_grounding_by_question.entity_per_area IS 'Share of the attention over share of the picture of an entity asked about, mean over these; 1 for an even map.';
COMMENT ON COLUMN attention_grounding_by_question.others_per_area IS 'Chance, within the picture: the same of the entities not asked about. NULL where the picture has none.';
COMMENT ON COLUMN attention_grounding_by_question.distractor_share IS 'On all other entities in the picture.';
COMMENT ON COLUMN attention_grounding_by_question.arrow_share IS 'On the arrow asked about; on all arrows where the question is about none in particular.';
COMMENT ON COLUMN attention_grounding_by_question.masked_place_share IS 'On the place of the object that the masked twin lacks; in the raw picture it still stands there.';
COMMENT ON COLUMN attention_grounding_by_question.sink_share IS 'On the cells of attention_sink.';
COMMENT ON COLUMN attention_grounding_by_question.pointing_hit IS 'Pointing game: the cell with the most attention touches an entity asked about.';
COMMENT ON COLUMN attention_grounding_by_question.pointing_area IS 'The share of cells that do.';
COMMENT ON COLUMN attention_grounding_by_question.pointing_elsewhere IS 'Chance, other scenes: the share of the other scenes'' questions of the same kind whose entities that cell touches.';
COMMENT ON COLUMN attention_grounding_by_question.centre_distance IS 'From the centre of mass of the attention to the mean centre of the entities asked about, in pixels of the picture.';
COMMENT ON COLUMN attention_grounding_by_question.iou IS 'Intersection over union of the top cells and the entities'' bounding boxes; as many top cells as the boxes fill.';
