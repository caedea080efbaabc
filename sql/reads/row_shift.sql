-- How far the attention of one query row of a run moves from the raw to the masked picture by layer, over twins that differ:
-- mean absolute difference of a cell's share, its standard deviation over questions and its 95% interval over scenes.
-- $step: mean, the mean over an answer's steps; otherwise the step that yields it.
WITH looked AS (
    SELECT
        a.scene_id, a.question_index, a.variant, a.layer, l.layout, l.n_tokens,
        sound_vector(
            CASE WHEN $step = 'mean' THEN a.mean_heads
                 ELSE looking_vector(a.query_row, a.answer_step, a.first_step, a.mean_heads) END,
            l.n_tokens
        ) AS weights
    FROM answer_attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    WHERE a.run = $run AND a.query_row = $row AND a.presentation = 'plain' AND a.intervention = 'none'
        AND a.variant IN ('raw', 'masked')
), pair AS (
    SELECT
        raw.scene_id, raw.layer,
        list_sum(list_transform(
            list_zip(raw.weights, masked.weights),
            lambda cell: abs(cell[1] / nullif(list_sum(raw.weights), 0) - cell[2] / nullif(list_sum(masked.weights), 0))
        )) / raw.n_tokens AS l1
    FROM (FROM looked WHERE variant = 'raw') AS raw
    JOIN (FROM looked WHERE variant = 'masked') AS masked USING (scene_id, question_index, layer, layout)
    JOIN run AS r ON r.run = $run
    JOIN scene AS s ON s.dataset = r.dataset AND s.scene_id = raw.scene_id
    WHERE s.twin_changed IS DISTINCT FROM false
), of_scene AS (
    SELECT layer, scene_id, nullif(count(l1), 0) AS n, sum(l1) AS l1, sum(l1 * l1) AS squares
    FROM pair
    GROUP BY layer, scene_id
)
SELECT
    layer, sum(n)::BIGINT AS n, sum(l1) / sum(n) AS l1,
    CASE WHEN sum(n) > 1 THEN sqrt(greatest(0, sum(squares) - sum(l1) ^ 2 / sum(n)) / (sum(n) - 1)) END AS l1_sd,
    scene_mean_end(scene_moments(n, l1), -1) AS l1_low,
    scene_mean_end(scene_moments(n, l1), 1) AS l1_high
FROM of_scene
GROUP BY layer
HAVING sum(n) > 0
ORDER BY layer;
