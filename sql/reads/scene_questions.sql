-- The questions of one scene, or of one set of them.
SELECT question_index, question_set, category, stem, options, ground_truth, ground_truth_masked, flaws
FROM question
WHERE dataset = $dataset AND scene_id = $scene_id AND ($question_set IS NULL OR question_set = $question_set)
ORDER BY question_index;
