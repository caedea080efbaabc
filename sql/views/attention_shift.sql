CREATE OR REPLACE VIEW attention_shift AS
SELECT
    a.run, r.dataset, a.scene_id, a.question_index, q.category, s.twin_changed, a.layer,
    a.l1, a.l2, a.kl, a.cosine, a.l1_unnormalised, a.l2_unnormalised
FROM (
    SELECT f.*
    FROM attention_shift_fill AS f
    JOIN attention_fill_state AS state ON state.run = f.run AND state.part = 'rows' AND state.is_filled
    UNION ALL BY NAME
    FROM attention_shift_live
) AS a
JOIN run AS r ON r.run = a.run
LEFT JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
LEFT JOIN scene AS s ON s.dataset = r.dataset AND s.scene_id = a.scene_id;

COMMENT ON VIEW attention_shift IS 'One row per run, question and layer with attention on both pictures: how far mean_heads moves from raw to masked.';
COMMENT ON COLUMN attention_shift.twin_changed IS 'False when both pictures are the same, so that nothing can move; NULL when unknown.';
COMMENT ON COLUMN attention_shift.l1 IS 'Mean absolute difference of the vectors normalised to sum 1.';
COMMENT ON COLUMN attention_shift.l2 IS 'Euclidean distance of the vectors normalised to sum 1.';
COMMENT ON COLUMN attention_shift.kl IS 'KL(raw || masked) of the vectors normalised to sum 1, natural log; NULL if infinite.';
COMMENT ON COLUMN attention_shift.cosine IS 'Cosine similarity of the two vectors.';
COMMENT ON COLUMN attention_shift.l1_unnormalised IS 'Mean absolute difference of the vectors as they are.';
COMMENT ON COLUMN attention_shift.l2_unnormalised IS 'Euclidean distance of the vectors as they are.';
