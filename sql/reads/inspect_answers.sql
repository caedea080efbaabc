-- A run's plain answers on one variant with their questions, scenes from $low to $high, for a log of inspect. `image` is the
-- picture that was shown; it is NULL where nobody has it and for the blank one.
SELECT
    a.scene_id,
    a.question_index,
    q.category,
    q.text,
    q.options,
    q.flaws,
    a.ground_truth,
    a.answer,
    a.choice,
    a.correct,
    a.option_logprobs,
    a.truncated,
    a.created_at,
    s.width,
    s.height,
    CASE a.variant WHEN 'masked' THEN s.masked_image WHEN 'raw' THEN s.image END AS image
FROM inference AS a
JOIN question AS q USING (dataset, scene_id, question_index)
JOIN scene AS s USING (dataset, scene_id)
WHERE a.run = $run AND a.variant = $variant AND a.scene_id BETWEEN $low AND $high
ORDER BY a.scene_id, a.question_index;
