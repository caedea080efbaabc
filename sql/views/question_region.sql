CREATE OR REPLACE VIEW question_region AS
FROM question_region_of((SELECT list(DISTINCT dataset) FROM region));

COMMENT ON VIEW question_region IS 'One row per question, variant and layout: which share of each image token''s rectangle belongs to what the question is about. What is not in the variant''s picture is left out; blank has the raw picture''s places.';
COMMENT ON COLUMN question_region.entity IS 'The entities asked about (question.entities), their coverage added up; boxes may overlap, and cover a cell once.';
COMMENT ON COLUMN question_region.distractor IS 'All other entities, or those the question names as distractors; of boxes what no entity asked about covers.';
COMMENT ON COLUMN question_region.arrow IS 'The arrow asked about; all arrows where the question is about none in particular.';
COMMENT ON COLUMN question_region.masked_place IS 'Where the object stands (raw) or stood (masked) that the masked twin lacks.';
COMMENT ON COLUMN question_region.box IS 'The bounding boxes of the entities asked about.';
COMMENT ON COLUMN question_region.centre_x IS 'Mean centre of the entities asked about, in pixels from the left edge of the picture.';
COMMENT ON COLUMN question_region.centre_y IS 'The same from the top edge.';
COMMENT ON COLUMN question_region.entity_per_area IS 'Each entity asked about over its share of the picture, mean over them: a map that sums to 1 times this is the share per area on them, 1 for an even map.';
COMMENT ON COLUMN question_region.distractor_per_area IS 'The same of the distractors.';
COMMENT ON COLUMN question_region.width IS 'Of the variant''s picture, in pixels, as height.';
