-- What is wrong within a spool part, one line a fault. Its files stand as part_inference and part_attention; $run
-- is the run whose folder it lay in.
WITH answer AS (FROM part_inference),
looked AS (FROM part_attention),
layout_token AS (SELECT unnest(token_layout, recursive := true) FROM part_inference WHERE token_layout IS NOT NULL),
known_layout AS (SELECT layout, count(*) AS n_tokens FROM (SELECT DISTINCT layout, token_index FROM layout_token) GROUP BY layout)
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
SELECT 'a vector of attention does not fill its layout'
WHERE EXISTS (
    FROM looked
    LEFT JOIN known_layout USING (layout)
    WHERE (layout IS NULL AND (grid_height IS NULL OR grid_width IS NULL OR grid_height < 1 OR grid_width < 1))
        OR (layout IS NOT NULL AND (grid_height IS NOT NULL OR grid_width IS NOT NULL OR n_tokens IS NULL))
        OR query_row IS NULL
        OR (mean_heads IS NOT NULL AND len(mean_heads) IS DISTINCT FROM coalesce(n_tokens, grid_height::INTEGER * grid_width))
        OR len(max_heads) <> len(mean_heads)
        OR len(last_step) <> len(mean_heads)
        OR len(first_step) <> len(mean_heads)
        OR (query_row = 'answer' AND mean_heads IS NOT NULL AND (max_heads IS NULL OR last_step IS NULL))
)
UNION ALL
SELECT 'an answer has no attention in any layer'
WHERE EXISTS (
    SELECT 1
    FROM looked
    GROUP BY scene_id, question_index, variant, presentation, intervention, query_row
    HAVING count(mean_heads) = 0
)
UNION ALL
SELECT 'a layer without attention has numbers of it'
WHERE EXISTS (
    FROM looked
    WHERE mean_heads IS NULL AND NOT (max_heads IS NULL AND first_step IS NULL AND last_step IS NULL
        AND mean_heads_entropy IS NULL AND image_mass IS NULL)
)
UNION ALL
SELECT 'an image token stands twice in a layout, or one is missing'
WHERE EXISTS (
    SELECT 1
    FROM layout_token
    GROUP BY layout
    HAVING count(*) <> count(DISTINCT token_index) OR min(token_index) <> 0 OR max(token_index) <> count(*) - 1
        OR layout IS NULL OR count(part) <> count(*)
        OR count_if(NOT (isfinite(x_min) AND isfinite(y_min) AND x_max > x_min AND y_max > y_min)) > 0
)
UNION ALL
SELECT 'a number of the attention is missing or not finite'
WHERE EXISTS (
    FROM looked
    WHERE (mean_heads IS NOT NULL AND NOT coalesce(isfinite(mean_heads_entropy + image_mass), false))
        OR (query_row = 'answer' AND mean_heads IS NOT NULL AND NOT coalesce(isfinite(max_heads_entropy + last_step_entropy), false))
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
SELECT 'a layer''s log-probabilities are not as many as the options, or not finite'
WHERE EXISTS (
    FROM answer
    WHERE len(list_filter(coalesce(lens_logprobs, []), lambda layer:
        layer IS NULL OR len(layer) IS DISTINCT FROM len(option_logprobs)
        OR len(list_filter(layer, lambda x: x IS NULL OR isnan(x) OR x > 1e-3)) > 0)) > 0
)
UNION ALL
SELECT 'a token of a question has no place, text or role'
WHERE EXISTS (
    FROM answer
    WHERE len(list_filter(coalesce(prompt_tokens, []), lambda x:
        x.token_index IS NULL OR x.token_index < 0 OR x.text IS NULL OR x.role IS NULL)) > 0
);
