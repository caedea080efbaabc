-- A run's graded raw answers with their masked ones beside them, and all of the questions, picture by picture.
SELECT
    s.image_filename,
    q.* EXCLUDE (dataset),
    r.answer,
    r.correct,
    r.ground_truth AS truth_raw,
    m.answer AS answer_masked,
    m.correct AS correct_masked,
    m.ground_truth AS truth_masked
FROM inference AS r
JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = r.scene_id AND q.question_index = r.question_index
JOIN scene AS s ON s.dataset = r.dataset AND s.scene_id = r.scene_id
LEFT JOIN inference AS m ON m.run = r.run AND m.scene_id = r.scene_id AND m.question_index = r.question_index
    AND m.variant = 'masked' AND m.correct IS NOT NULL
WHERE r.run = $run AND r.variant = 'raw' AND r.correct IS NOT NULL
ORDER BY r.scene_id, r.question_index;
