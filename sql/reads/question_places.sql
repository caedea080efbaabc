-- Which share of each cell belongs to what a question is about, per variant; for all questions of the scene with
-- $question_index NULL.
SELECT question_index, variant, entity, distractor, arrow, masked_place, box, centre_x, centre_y
FROM question_region
WHERE dataset = $dataset AND scene_id = $scene_id AND ($question_index IS NULL OR question_index = $question_index)
    AND layout = layout_name($layout, $grid_height, $grid_width)
ORDER BY question_index;
