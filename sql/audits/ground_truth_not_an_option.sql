-- Questions whose right answer on a variant is neither one of their letters nor None.
SELECT q.dataset, q.scene_id, q.question_index, t.variant, t.ground_truth, q.options
FROM question_truth AS t
JOIN question_text AS q USING (dataset, scene_id, question_index)
WHERE q.options IS NOT NULL AND len(q.options) > 0 AND t.ground_truth NOT IN (
    SELECT unnest(['None'] || list_transform(range(len(q.options)), lambda i: chr(97 + i::INTEGER) || ')'))
);
