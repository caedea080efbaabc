-- Share of the attention of one query row of a run on what is asked about, by category, variant and layer, beside the share of
-- the same attention on what other scenes' questions of the same kind ask about, with the difference and its 95% interval
-- over scenes. relcli looks tests it. $step: mean, the mean over an answer's steps; otherwise the step that yields it.
WITH target AS MATERIALIZED (
    FROM question_target_of([$run], (SELECT list(dataset) FROM run WHERE run = $run))
), cell AS (
    SELECT
        category, variant, none_is_right, layout, scene_id,
        unnest(entity)::DOUBLE AS covered, generate_subscripts(entity, 1) AS cell
    FROM target
), of_scene AS (
    SELECT category, variant, none_is_right, layout, scene_id, cell, count(*) AS n, sum(covered) AS covered
    FROM cell
    GROUP BY ALL
), elsewhere AS (
    -- what the questions of the other scenes ask about, on average
    SELECT category, variant, none_is_right, layout, scene_id, list((whole - covered) / nullif(n_whole - n, 0) ORDER BY cell) AS entity
    FROM (
        SELECT *, sum(covered) OVER kind AS whole, sum(n) OVER kind AS n_whole
        FROM of_scene
        WINDOW kind AS (PARTITION BY category, variant, none_is_right, layout, cell)
    )
    GROUP BY category, variant, none_is_right, layout, scene_id
), looked AS (
    SELECT
        a.scene_id, a.question_index, a.variant, a.layer, l.layout,
        placed_weights(sound_vector(
            CASE WHEN $step = 'mean' THEN a.mean_heads
                 ELSE looking_vector(a.query_row, a.answer_step, a.first_step, a.mean_heads) END,
            l.n_tokens
        ), l.lefts, l.n_placed) AS placed
    FROM answer_attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    WHERE a.run = $run AND a.query_row = $row AND a.presentation = 'plain' AND a.intervention = 'none'
), answered AS (
    SELECT
        t.category, a.variant, a.layer, a.scene_id,
        list_dot_product(a.placed, t.entity) / nullif(list_sum(a.placed), 0) AS share,
        list_dot_product(a.placed::DOUBLE[], e.entity) / nullif(list_sum(a.placed), 0) AS chance
    FROM looked AS a
    JOIN target AS t USING (scene_id, question_index, variant, layout)
    LEFT JOIN elsewhere AS e ON e.category = t.category AND e.variant = t.variant
        AND e.none_is_right = t.none_is_right AND e.layout = t.layout AND e.scene_id = t.scene_id
        AND e.entity[1] IS NOT NULL
), scene AS (
    SELECT
        category, variant, layer, scene_id,
        count(share) AS n_entity, sum(share) AS share, sum(chance) AS chance, count(chance) AS n_chance,
        nullif(count(share - chance), 0) AS n_above, sum(share - chance) AS above
    FROM answered
    GROUP BY category, variant, layer, scene_id
), mean AS (
    SELECT
        category, variant, layer,
        sum(n_entity)::BIGINT AS n_entity, count(*) AS n_scenes,
        sum(share) / sum(n_entity) AS entity_share,
        sum(chance) / nullif(sum(n_chance), 0) AS elsewhere_share,
        scene_moments(n_above, above) AS above
    FROM scene
    GROUP BY category, variant, layer
)
SELECT
    category, variant, layer, n_entity, n_scenes, entity_share, elsewhere_share,
    above.total / above.n AS above_elsewhere,
    scene_mean_end(above, -1) AS above_elsewhere_low,
    scene_mean_end(above, 1) AS above_elsewhere_high
FROM mean
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, variant DESC, layer;
