-- Pictures that were not drawn here: objects known by a name and a box, pictures of any size, questions with ids and
-- distractors of their own; and regions of what a variant shows otherwise than the raw picture.

ALTER TABLE raw_entity ALTER COLUMN shape DROP NOT NULL;
ALTER TABLE raw_entity ALTER COLUMN size DROP NOT NULL;
ALTER TABLE raw_entity ALTER COLUMN color DROP NOT NULL;
COMMENT ON COLUMN raw_entity.shape IS 'NULL for an object of an own picture, as size and color: its box is all that is known. Its edges x_max and y_max belong to the box.';
COMMENT ON COLUMN raw_entity.name IS 'Colour and shape; of an object of an own picture what it is called, empty where nobody says.';

ALTER TABLE picture ADD COLUMN width INTEGER;
ALTER TABLE picture ADD COLUMN height INTEGER;
COMMENT ON COLUMN picture.width IS 'In pixels, as height, where it is not of the raw picture''s size; NULL where it is.';
COMMENT ON COLUMN raw_scene.width IS 'Of the raw picture, in pixels.';

ALTER TABLE question_text ADD COLUMN distractors INTEGER[];
ALTER TABLE question_text ADD COLUMN own_id VARCHAR;
COMMENT ON COLUMN question_text.distractors IS 'The entity_ids that what is asked about is to be told apart from; NULL for all others.';
COMMENT ON COLUMN question_text.own_id IS 'What the author of a question about own pictures calls it.';

ALTER TABLE region ADD COLUMN variant VARCHAR;
COMMENT ON COLUMN region.variant IS 'The variant that shows the item otherwise than the raw picture, or alone; NULL for the raw picture''s, which hold wherever table variant_entity or variant_relation say nothing else.';

COMMENT ON COLUMN words_alone.variant IS 'Whose truth is guessed: any variant that questions have one on. The blank picture is graded against raw.';
