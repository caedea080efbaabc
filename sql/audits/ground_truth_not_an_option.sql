-- Questions whose right answer is neither one of their letters nor None; no twin leaves the masked one empty.
SELECT dataset, scene_id, question_index, ground_truth, ground_truth_masked, options
FROM question
WHERE options IS NOT NULL AND len(options) > 0 AND (
    ground_truth NOT IN (SELECT unnest(['None'] || list_transform(range(len(options)), lambda i: chr(97 + i::INTEGER) || ')')))
    OR coalesce(ground_truth_masked, '') NOT IN (
        SELECT unnest(['None', ''] || list_transform(range(len(options)), lambda i: chr(97 + i::INTEGER) || ')')))
);
