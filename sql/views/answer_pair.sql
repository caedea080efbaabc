CREATE OR REPLACE VIEW answer_pair AS
SELECT
    raw.run,
    raw.dataset,
    raw.scene_id,
    raw.question_index,
    q.category,
    q.question_set,
    s.twin_changed,
    raw.answer AS answer_raw,
    masked.answer AS answer_masked,
    raw.correct AS correct_raw,
    masked.correct AS correct_masked
FROM inference AS raw
JOIN inference AS masked USING (run, scene_id, question_index)
JOIN question AS q ON q.dataset = raw.dataset AND q.scene_id = raw.scene_id
    AND q.question_index = raw.question_index
LEFT JOIN scene AS s ON s.dataset = raw.dataset AND s.scene_id = raw.scene_id
WHERE raw.variant = 'raw' AND masked.variant = 'masked'
    AND raw.correct IS NOT NULL AND masked.correct IS NOT NULL;

COMMENT ON VIEW answer_pair IS 'One row per run and question that has a graded answer on both the raw and the masked picture.';
COMMENT ON COLUMN answer_pair.twin_changed IS 'False when both pictures are the same; NULL when unknown.';
