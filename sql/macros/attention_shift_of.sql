-- How far attention moves from raw to masked, of one of the answer's vectors: mean_heads, the mean over its steps, which the
-- study took, or first_step, the step that yields its first token (where there is none, as in an imported run, the mean).
CREATE OR REPLACE MACRO attention_shift_of(of_vector) AS TABLE
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
LEFT JOIN scene AS s ON s.dataset = r.dataset AND s.scene_id = a.scene_id
WHERE a.vector = of_vector;
COMMENT ON MACRO TABLE attention_shift_of IS 'How far attention moves from raw to masked by run, question and layer, of the mean over steps (mean_heads) or of the first step (first_step).';
