CREATE OR REPLACE VIEW attention_grounding_by_question AS
SELECT
    a.run, r.dataset, a.scene_id, a.question_index, q.category, a.variant, a.layer,
    a.* EXCLUDE (run, scene_id, question_index, variant, layer)
FROM (
    SELECT f.*
    FROM attention_grounding_fill AS f
    JOIN attention_fill_state AS s ON s.run = f.run AND s.part = 'rows' AND s.is_filled
    UNION ALL BY NAME
    FROM attention_grounding_live
) AS a
JOIN run AS r ON r.run = a.run
LEFT JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index;

COMMENT ON VIEW attention_grounding_by_question IS 'One row per answer and layer: the share of the attention on the picture (mean_heads) that lies on what the question is about, beside the share of the area.';
COMMENT ON COLUMN attention_grounding_by_question.entity_share IS 'On the entities asked about: sum(attention * coverage) / sum(attention). NULL without geometry, or where the picture lacks them.';
COMMENT ON COLUMN attention_grounding_by_question.entity_area IS 'The share of the picture they cover: what looking anywhere would give.';
COMMENT ON COLUMN attention_grounding_by_question.distractor_share IS 'On all other entities in the picture.';
COMMENT ON COLUMN attention_grounding_by_question.arrow_share IS 'On the arrow asked about; on all arrows where the question is about none in particular.';
COMMENT ON COLUMN attention_grounding_by_question.masked_place_share IS 'On the place of the object that the masked twin lacks; in the raw picture it still stands there.';
COMMENT ON COLUMN attention_grounding_by_question.sink_share IS 'On the cells of attention_sink.';
COMMENT ON COLUMN attention_grounding_by_question.pointing_hit IS 'Pointing game: the cell with the most attention touches an entity asked about.';
COMMENT ON COLUMN attention_grounding_by_question.pointing_chance IS 'The share of cells that do: what pointing anywhere would give.';
COMMENT ON COLUMN attention_grounding_by_question.centre_distance IS 'From the centre of mass of the attention to the mean centre of the entities asked about, in pixels of the 224-pixel picture.';
COMMENT ON COLUMN attention_grounding_by_question.iou IS 'Intersection over union of the top cells and the entities'' bounding boxes; as many top cells as the boxes fill.';
