-- What is wrong within a spool part, one line a fault. Its files stand as part_inference and part_attention; $run
-- is the run whose folder it lay in.
WITH answer AS (FROM part_inference),
looked AS (FROM part_attention)
SELECT 'it holds rows of another run' AS fault
WHERE EXISTS (FROM answer WHERE run IS DISTINCT FROM $run) OR EXISTS (FROM looked WHERE run IS DISTINCT FROM $run)
UNION ALL
SELECT 'an answer has no data set, scene, question or variant'
WHERE EXISTS (
    FROM answer
    WHERE dataset IS NULL OR scene_id IS NULL OR question_index IS NULL OR variant IS NULL OR presentation IS NULL
        OR intervention IS NULL
)
UNION ALL
SELECT 'it holds two answers to one question'
WHERE EXISTS (
    SELECT 1 FROM answer GROUP BY scene_id, question_index, variant, presentation, intervention HAVING count(*) > 1
)
UNION ALL
SELECT 'it holds attention of a question it has no answer to'
WHERE EXISTS (FROM looked ANTI JOIN answer USING (scene_id, question_index, variant, presentation, intervention))
UNION ALL
SELECT 'it holds the attention of one layer twice, or not of every layer'
WHERE EXISTS (
    SELECT 1
    FROM looked
    GROUP BY scene_id, question_index, variant, presentation, intervention, query_row
    HAVING count(*) <> count(DISTINCT layer) OR min(layer) <> 0 OR max(layer) <> count(*) - 1 OR count(layer) <> count(*)
)
UNION ALL
SELECT 'a vector of attention does not fill its grid'
WHERE EXISTS (
    FROM looked
    WHERE grid_height IS NULL OR grid_width IS NULL OR grid_height < 1 OR grid_width < 1
        OR len(mean_heads) IS DISTINCT FROM grid_height::INTEGER * grid_width
        OR len(max_heads) <> grid_height::INTEGER * grid_width
        OR len(last_step) <> grid_height::INTEGER * grid_width
        OR len(first_step) <> grid_height::INTEGER * grid_width
        OR query_row IS NULL
        OR (query_row = 'answer' AND (max_heads IS NULL OR last_step IS NULL))
)
UNION ALL
SELECT 'a number of the attention is missing or not finite'
WHERE EXISTS (
    FROM looked
    WHERE NOT coalesce(isfinite(mean_heads_entropy + image_mass), false)
        OR (query_row = 'answer' AND NOT coalesce(isfinite(max_heads_entropy + last_step_entropy), false))
        OR NOT isfinite(coalesce(max_heads_entropy, 0) + coalesce(last_step_entropy, 0) + coalesce(first_step_entropy, 0))
        OR len(list_filter(mean_heads, lambda x: x IS NULL OR NOT isfinite(x))) > 0
        OR len(list_filter(coalesce(max_heads, []), lambda x: x IS NULL OR NOT isfinite(x))) > 0
        OR len(list_filter(coalesce(last_step, []), lambda x: x IS NULL OR NOT isfinite(x))) > 0
        OR len(list_filter(coalesce(first_step, []), lambda x: x IS NULL OR NOT isfinite(x))) > 0
        OR len(list_filter(coalesce(step_entropy, []), lambda x: x IS NULL OR NOT isfinite(x))) > 0
)
UNION ALL
SELECT 'a number of steps is missing or not that of its entropies'
WHERE EXISTS (FROM looked WHERE n_steps IS NULL OR n_steps < 1 OR len(step_entropy) <> n_steps)
UNION ALL
SELECT 'a token of a question has no place, text or role'
WHERE EXISTS (
    FROM answer
    WHERE len(list_filter(coalesce(prompt_tokens, []), lambda x:
        x.token_index IS NULL OR x.token_index < 0 OR x.text IS NULL OR x.role IS NULL)) > 0
);
