CREATE OR REPLACE VIEW attention_grounding AS
FROM attention_grounding_means('first_step');

COMMENT ON VIEW attention_grounding IS 'One row per run, category, variant and layer: means over questions of attention_grounding_by_question, each share beside the share of the area (area_ratio), and the share on what is asked about beside two chances with interval and p over scenes. Of the first step; attention_grounding_means(''mean_heads'') has the mean over steps.';
COMMENT ON COLUMN attention_grounding.n IS 'Answers with attention; n_entity and so on: those of them that the mean beside it is over.';
COMMENT ON COLUMN attention_grounding.entity_area_ratio IS 'entity_share over entity_area. 1 is what an even map gives, not what chance gives: objects stand in the middle of the picture.';
COMMENT ON COLUMN attention_grounding.n_scenes IS 'Scenes that the comparison with other scenes is over; n_scenes_others: with the others in the picture.';
COMMENT ON COLUMN attention_grounding.elsewhere_share IS 'Chance, other scenes: the share of the same maps on what other scenes'' questions of the same kind ask about.';
COMMENT ON COLUMN attention_grounding.above_elsewhere IS 'entity_share less that, with its 95% interval over scenes; what the category''s mean map has of it, which cancels out where scenes have as many questions, is taken out first.';
COMMENT ON COLUMN attention_grounding.elsewhere_p IS 'One-sided sign-flip test over scenes: no more than other scenes give. Of this category and layer alone; relcli figure grounding and the layers screen test all of them at once.';
COMMENT ON COLUMN attention_grounding.entity_per_area IS 'Share of the attention over share of the picture of an entity asked about, over questions with others in the picture.';
COMMENT ON COLUMN attention_grounding.others_per_area IS 'Chance, within the picture: the same of the entities not asked about.';
COMMENT ON COLUMN attention_grounding.above_others IS 'entity_per_area less others_per_area, with its 95% interval over scenes.';
COMMENT ON COLUMN attention_grounding.others_p IS 'One-sided sign-flip test over scenes: no more per area than the entities not asked about.';
COMMENT ON COLUMN attention_grounding.looks_p IS 'The larger of the two: that it looks at what is asked about needs both. NULL where either is.';
COMMENT ON COLUMN attention_grounding.pointing_game IS 'Share of answers whose most attended cell touches an entity asked about; those with an entity in the picture count.';
COMMENT ON COLUMN attention_grounding.pointing_elsewhere IS 'Chance, other scenes: how often the same cells touch what other scenes'' questions of the same kind ask about. pointing_area: the share of cells that touch.';
