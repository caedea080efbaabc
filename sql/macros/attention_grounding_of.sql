-- Where each answer looks in each layer, of one of its vectors: first_step, the step that yields its first token (where there is
-- none, as in an imported run, the mean), or mean_heads, the mean over its steps, which the study took.
CREATE OR REPLACE MACRO attention_grounding_of(of_vector) AS TABLE
SELECT
    a.run, r.dataset, a.scene_id, a.question_index, q.category, a.variant, a.layer,
    a.* EXCLUDE (run, scene_id, question_index, variant, vector, layer)
FROM (
    SELECT f.*
    FROM attention_grounding_fill AS f
    JOIN attention_fill_state AS s ON s.run = f.run AND s.part = 'rows' AND s.is_filled
    UNION ALL BY NAME
    FROM attention_grounding_live
) AS a
JOIN run AS r ON r.run = a.run
LEFT JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
WHERE a.vector = of_vector;
COMMENT ON MACRO TABLE attention_grounding_of IS 'Where attention lies by run, question, variant and layer, of the first step (first_step) or of the mean over steps (mean_heads).';
