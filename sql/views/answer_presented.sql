CREATE OR REPLACE VIEW answer_presented AS
SELECT
    a.run, a.dataset, q.category, a.scene_id, a.question_index, a.variant, a.presentation,
    coalesce(regexp_extract(a.presentation, '(order-\d+)', 1), '') AS option_order,
    coalesce(regexp_extract(a.presentation, '(wording-\d+)', 1), '') AS wording,
    coalesce(p.text, q.text) AS text,
    coalesce(p.options, q.options) AS options,
    a.answer,
    a.choice,
    CASE
        WHEN a.choice = 'none' OR p.option_order IS NULL THEN a.choice
        ELSE chr(97 + p.option_order[ascii(a.choice) - 96])
    END AS option_chosen,
    a.correct,
    a.ground_truth
FROM answer AS a
JOIN question_text AS q USING (dataset, scene_id, question_index)
LEFT JOIN question_presentation AS p USING (dataset, scene_id, question_index, presentation)
WHERE a.intervention = 'none' AND (p.presentation IS NOT NULL OR a.presentation = 'plain');

COMMENT ON VIEW answer_presented IS 'One row per answer with nothing cut, however the question was put.';
COMMENT ON COLUMN answer_presented.option_order IS 'order-1 and on; empty for the question''s own order. wording the same for its words.';
COMMENT ON COLUMN answer_presented.text IS 'The prompt as it was sent.';
COMMENT ON COLUMN answer_presented.choice IS 'The letter chosen, as shown; none, or NULL when unreadable.';
COMMENT ON COLUMN answer_presented.option_chosen IS 'The same option by its letter in the plain question: equal where the same option was chosen, wherever it stood.';
COMMENT ON COLUMN answer_presented.ground_truth IS 'The right letter as shown.';
