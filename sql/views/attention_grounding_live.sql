CREATE OR REPLACE VIEW attention_grounding_live AS
WITH stale AS (
    SELECT run, dataset FROM attention_fill_state WHERE part = 'rows' AND NOT is_filled
), target AS (
    FROM question_target_of((SELECT list(run) FROM stale), (SELECT list(DISTINCT dataset) FROM stale))
), other AS (
    -- What other scenes' questions of a question's kind ask about: the sum over all of them less the scene's own.
    SELECT
        t.run, t.variant, t.scene_id, t.question_index, k.layout,
        list_transform(list_zip(k.entity, s.entity), lambda pair: (pair[1] - pair[2]) / (k.n - s.n))::FLOAT[] AS elsewhere,
        list_transform(list_zip(k.touched, s.touched), lambda pair: (pair[1] - pair[2]) / (k.n - s.n))::FLOAT[] AS touched,
        list_transform(list_zip(t.entity, k.entity, s.entity), lambda each: each[1] - (each[2] - each[3]) / (k.n - s.n))
            ::FLOAT[] AS above
    FROM target AS t
    JOIN (
        SELECT
            run, question_set, category, variant, none_is_right, layout, scene_id,
            count(*) AS n,
            cell_sum(list(entity)) AS entity,
            cell_sum(list(list_transform(entity, lambda share: (share > 0)::INTEGER::FLOAT))) AS touched
        FROM target
        GROUP BY run, question_set, category, variant, none_is_right, layout, scene_id
    ) AS s USING (run, question_set, category, variant, none_is_right, layout, scene_id)
    JOIN attention_target AS k USING (run, question_set, category, variant, none_is_right, layout)
    WHERE k.n > s.n
), mean AS (
    SELECT * REPLACE (shares::FLOAT[] AS shares) FROM attention_mean_of('first_step')
    UNION ALL BY NAME
    SELECT * REPLACE (shares::FLOAT[] AS shares) FROM attention_mean_of('mean_heads')
), middle AS (
    -- x and y of each rectangle's middle, in shares of the picture; of tokens without one any number will do
    SELECT
        layout, n_tokens, n_placed, lefts,
        list_transform(list_zip(lefts, rights), lambda x: coalesce((x[1] + x[2]) / 2, 0))::FLOAT[] AS xs,
        list_transform(list_zip(tops, bottoms), lambda y: coalesce((y[1] + y[2]) / 2, 0))::FLOAT[] AS ys
    FROM image_layout
), place AS (
    SELECT
        *,
        list_sum(entity) / n_placed AS entity_area,
        list_sum(distractor) / n_placed AS distractor_area,
        list_sum(arrow) / n_placed AS arrow_area,
        list_sum(masked_place) / n_placed AS masked_place_area,
        len(list_filter(entity, lambda share: share > 0)) / n_placed AS pointing_area,
        greatest(1, round(list_sum(box)))::INTEGER AS n_top
    FROM question_region_of((SELECT list(DISTINCT dataset) FROM stale))
    JOIN middle USING (layout)
), looked AS (
    SELECT
        a.run, s.dataset, a.scene_id, a.question_index, a.variant, v.vector, a.layer, l.layout, l.n_tokens,
        placed_weights(
            sound_vector(vector_named(v.vector, a.first_step, a.mean_heads), l.n_tokens), l.lefts, l.n_placed
        ) AS weights
    FROM stale AS s
    JOIN attention AS a ON a.run = s.run
    JOIN middle AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    CROSS JOIN (VALUES ('first_step'), ('mean_heads')) AS v (vector)
), weighed AS (
    SELECT
        a.run, a.scene_id, a.question_index, a.variant, a.vector, a.layer,
        p.* EXCLUDE (dataset, scene_id, question_index, variant, layout, grid_height, grid_width, n_tokens, n_placed, lefts),
        o.elsewhere,
        o.touched,
        list_dot_product(m.shares, o.above) AS common_above,
        a.weights,
        nullif(list_sum(a.weights), 0) AS total,
        list_position(a.weights, list_max(a.weights)) AS top_cell,
        CASE
            WHEN p.n_top <= 8 THEN list_aggregate(a.weights, 'max', 8)[p.n_top] -- in a quarter of the time of sorting all
            WHEN p.box IS NOT NULL THEN list_reverse_sort(a.weights)[p.n_top]
        END AS least_of_top,
        k.mask AS sinks,
        coalesce(k.n_sinks, 0) / a.n_tokens AS sink_area
    FROM looked AS a
    LEFT JOIN place AS p ON p.dataset = a.dataset AND p.scene_id = a.scene_id AND p.question_index = a.question_index
        AND p.variant = a.variant AND p.layout = a.layout
    LEFT JOIN other AS o ON o.run = a.run AND o.variant = a.variant AND o.scene_id = a.scene_id
        AND o.question_index = a.question_index AND o.layout = a.layout
    LEFT JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    LEFT JOIN mean AS m ON m.run = a.run AND m.category = q.category AND m.variant = a.variant AND m.vector = a.vector
        AND m.layer = a.layer AND m.layout = a.layout
    LEFT JOIN attention_sink_mask AS k ON k.run = a.run AND k.layer = a.layer AND k.layout = a.layout
), topped AS (
    SELECT
        *,
        -- not NULL where there is no box: list_dot_product refuses vectors with NULLs in them
        list_transform(weights, lambda weight: (weight >= coalesce(least_of_top, 2) AND weight > 0)::INTEGER::FLOAT)
            AS is_top
    FROM weighed
)
SELECT
    run, scene_id, question_index, variant, vector, layer,
    (list_dot_product(weights, entity) / total)::FLOAT AS entity_share,
    entity_area::FLOAT AS entity_area,
    (list_dot_product(weights, elsewhere) / total)::FLOAT AS elsewhere_share,
    CASE WHEN total > 0 THEN common_above END::FLOAT AS common_above,
    (list_dot_product(weights, entity_per_area) / total)::FLOAT AS entity_per_area,
    (list_dot_product(weights, distractor_per_area) / total)::FLOAT AS others_per_area,
    (list_dot_product(weights, distractor) / total)::FLOAT AS distractor_share,
    distractor_area::FLOAT AS distractor_area,
    (list_dot_product(weights, arrow) / total)::FLOAT AS arrow_share,
    arrow_area::FLOAT AS arrow_area,
    (list_dot_product(weights, masked_place) / total)::FLOAT AS masked_place_share,
    masked_place_area::FLOAT AS masked_place_area,
    (CASE WHEN sinks IS NULL THEN 0 ELSE list_dot_product(weights, sinks) END / total)::FLOAT AS sink_share,
    sink_area::FLOAT AS sink_area,
    CASE WHEN total > 0 THEN entity[top_cell] > 0 END AS pointing_hit,
    pointing_area::FLOAT AS pointing_area,
    CASE WHEN total > 0 THEN touched[top_cell] END::FLOAT AS pointing_elsewhere,
    sqrt((list_dot_product(weights, xs) / total * width - centre_x) ^ 2
         + (list_dot_product(weights, ys) / total * height - centre_y) ^ 2)::FLOAT AS centre_distance,
    CASE WHEN total > 0 THEN
        list_dot_product(is_top, box) / (list_sum(is_top) + list_sum(box) - list_dot_product(is_top, box))
    END::FLOAT AS iou
FROM topped;

COMMENT ON VIEW attention_grounding_live IS 'One row per answer, vector and layer of runs whose grounding isn''t filled, computed anew.';
