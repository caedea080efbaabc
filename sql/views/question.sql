CREATE OR REPLACE VIEW question AS
SELECT
    q.dataset, q.scene_id, q.question_index, q.question_set, q.category, q.text, q.stem, q.options,
    r.ground_truth,
    coalesce(m.ground_truth, '') AS ground_truth_masked,
    q.entities, q.relation_index, q.flaws
FROM question_text AS q
LEFT JOIN question_truth AS r ON r.dataset = q.dataset AND r.scene_id = q.scene_id AND r.question_index = q.question_index
    AND r.variant = 'raw'
LEFT JOIN question_truth AS m ON m.dataset = q.dataset AND m.scene_id = q.scene_id AND m.question_index = q.question_index
    AND m.variant = 'masked';

COMMENT ON VIEW question IS 'One row per question asked about a scene. Its truth on all variants is in question_truth.';
COMMENT ON COLUMN question.text IS 'The whole prompt as sent.';
COMMENT ON COLUMN question.options IS 'The option texts without their letters, in the order shown.';
COMMENT ON COLUMN question.ground_truth IS 'The right letter, "a)" to "d)", or "None".';
COMMENT ON COLUMN question.ground_truth_masked IS 'The same for the masked twin; empty without a twin.';
COMMENT ON COLUMN question.entities IS 'The entity_ids asked about: source then target, or subject then reference.';
