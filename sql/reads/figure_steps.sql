-- The raw answer of a run that took the most steps, of those whose every step was kept if there are any: what a strip of
-- steps shows unless a question is named.
SELECT scene_id, question_index, n_steps, full_attention_path IS NOT NULL AS every_step
FROM inference
WHERE run = $run AND variant = 'raw' AND n_steps IS NOT NULL
ORDER BY every_step DESC, n_steps DESC, scene_id, question_index
LIMIT 1;
