-- Where each query row of some runs looks, by category, variant and layer: means over questions, beside what chance gives, as in
-- attention_grounding_means. Scenes are the units of intervals and tests.
CREATE OR REPLACE MACRO attention_row_grounding_of(runs) AS TABLE
WITH target AS (
    FROM question_target_of(runs, (SELECT list(DISTINCT dataset) FROM run WHERE list_contains(runs, run)))
), kind AS (
    SELECT run, question_set, category, variant, none_is_right, layout, count(*) AS n, cell_sum(list(entity)) AS entity
    FROM target
    GROUP BY ALL
), of_one AS (
    SELECT run, question_set, category, variant, none_is_right, layout, scene_id, count(*) AS n, cell_sum(list(entity)) AS entity
    FROM target
    GROUP BY ALL
), other AS (
    -- What other scenes' questions of a question's kind ask about: the sum over all of them less the scene's own.
    SELECT
        t.run, t.variant, t.scene_id, t.question_index, t.layout,
        list_transform(list_zip(k.entity, s.entity), lambda pair: (pair[1] - pair[2]) / (k.n - s.n))::FLOAT[] AS elsewhere,
        list_transform(list_zip(t.entity, k.entity, s.entity), lambda each: each[1] - (each[2] - each[3]) / (k.n - s.n))
            ::FLOAT[] AS above
    FROM target AS t
    JOIN of_one AS s USING (run, question_set, category, variant, none_is_right, layout, scene_id)
    JOIN kind AS k USING (run, question_set, category, variant, none_is_right, layout)
    WHERE k.n > s.n
), looked AS (
    SELECT
        a.run, r.dataset, a.scene_id, a.question_index, a.variant, a.query_row, a.layer, l.layout, l.lefts, l.n_placed,
        sound_vector(
            looking_vector(a.query_row, a.answer_step, a.first_step, a.mean_heads),
            l.n_tokens
        ) AS weights,
        finite(looking_vector(a.query_row, a.answer_step_entropy, a.first_step_entropy, a.mean_heads_entropy)) AS entropy
    FROM answer_attention AS a
    JOIN run AS r ON r.run = a.run
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    WHERE list_contains(runs, a.run) AND a.presentation = 'plain' AND a.intervention = 'none'
), placed AS (
    SELECT
        l.* EXCLUDE (lefts), q.category,
        placed_weights(l.weights, l.lefts, l.n_placed) AS placed,
        nullif(list_sum(placed_weights(l.weights, l.lefts, l.n_placed)), 0) AS total
    FROM looked AS l
    LEFT JOIN question AS q ON q.dataset = l.dataset AND q.scene_id = l.scene_id AND q.question_index = l.question_index
), cell AS (
    SELECT
        run, category, variant, query_row, layer, layout,
        unnest(placed) / total AS share,
        generate_subscripts(placed, 1) AS cell
    FROM placed
    WHERE total > 0
), mean AS (
    -- The row's mean map, which knows nothing of a question: what it has above chance is 0 on the mean over questions.
    SELECT run, category, variant, query_row, layer, layout, list(share ORDER BY cell)::FLOAT[] AS shares
    FROM (
        SELECT run, category, variant, query_row, layer, layout, cell, avg(share) AS share
        FROM cell
        GROUP BY ALL
    )
    GROUP BY ALL
), answered AS (
    SELECT
        a.run, a.category, a.variant, a.query_row, a.layer, a.scene_id, a.entropy,
        list_sum(a.weights) AS image_mass,
        p.entity IS NOT NULL AS has_entity,
        list_dot_product(a.placed, p.entity) / a.total AS entity_share,
        list_sum(p.entity) / a.n_placed AS entity_area,
        list_dot_product(a.placed, o.elsewhere) / a.total AS elsewhere_share,
        CASE WHEN a.total > 0 THEN list_dot_product(m.shares, o.above) END AS common_above,
        list_dot_product(a.placed, p.entity_per_area) / a.total AS entity_per_area,
        list_dot_product(a.placed, p.distractor_per_area) / a.total AS others_per_area,
        list_dot_product(a.placed, p.distractor) / a.total AS distractor_share,
        list_sum(p.distractor) / a.n_placed AS distractor_area,
        list_dot_product(a.placed, p.arrow) / a.total AS arrow_share,
        list_sum(p.arrow) / a.n_placed AS arrow_area
    FROM placed AS a
    LEFT JOIN question_region_of((SELECT list(DISTINCT dataset) FROM run WHERE list_contains(runs, run))) AS p
        ON p.dataset = a.dataset AND p.scene_id = a.scene_id AND p.question_index = a.question_index
        AND p.variant = a.variant AND p.layout = a.layout
    LEFT JOIN other AS o ON o.run = a.run AND o.variant = a.variant AND o.scene_id = a.scene_id
        AND o.question_index = a.question_index AND o.layout = a.layout
    LEFT JOIN mean AS m ON m.run = a.run AND m.category IS NOT DISTINCT FROM a.category AND m.variant = a.variant
        AND m.query_row = a.query_row AND m.layer = a.layer AND m.layout = a.layout
), of_scene AS (
    SELECT
        run, category, variant, query_row, layer, scene_id,
        nullif(count(above), 0) AS n_elsewhere,
        sum(above) AS above,
        nullif(count(beyond), 0) AS n_others,
        sum(beyond) AS beyond
    FROM (
        SELECT
            *,
            entity_share - elsewhere_share - coalesce(common_above, 0) AS above,
            entity_per_area - others_per_area AS beyond
        FROM answered
        WHERE entity_share IS NOT NULL
    )
    GROUP BY run, category, variant, query_row, layer, scene_id
), tested AS (
    SELECT
        run, category, variant, query_row, layer,
        count(n_elsewhere) AS n_scenes,
        scene_moments(n_elsewhere, above) AS above,
        sign_flip_above(above) AS elsewhere_p,
        scene_moments(n_others, beyond) AS beyond,
        sign_flip_above(beyond) AS others_p
    FROM of_scene
    GROUP BY run, category, variant, query_row, layer
), summed AS (
    SELECT
        run, category, variant, query_row, layer,
        count(*) AS n,
        avg(entropy) AS entropy,
        avg(image_mass) AS image_mass,
        count(*) FILTER (has_entity) AS n_entity,
        avg(entity_share) AS entity_share,
        avg(entity_area) AS entity_area,
        avg(elsewhere_share) AS elsewhere_share,
        avg(entity_per_area) FILTER (others_per_area IS NOT NULL) AS entity_per_area,
        avg(others_per_area) FILTER (entity_per_area IS NOT NULL) AS others_per_area,
        avg(distractor_share) AS distractor_share,
        avg(distractor_area) AS distractor_area,
        avg(arrow_share) AS arrow_share,
        avg(arrow_area) AS arrow_area
    FROM answered
    GROUP BY run, category, variant, query_row, layer
)
SELECT
    s.run, s.category, s.variant, s.query_row, s.layer, s.n, s.entropy, s.image_mass,
    s.n_entity, s.entity_share, s.entity_area,
    t.n_scenes, s.elsewhere_share,
    t.above.total / t.above.n AS above_elsewhere,
    scene_mean_end(t.above, -1) AS above_elsewhere_low,
    scene_mean_end(t.above, 1) AS above_elsewhere_high,
    t.elsewhere_p,
    s.entity_per_area, s.others_per_area,
    t.beyond.total / t.beyond.n AS above_others,
    scene_mean_end(t.beyond, -1) AS above_others_low,
    scene_mean_end(t.beyond, 1) AS above_others_high,
    t.others_p,
    CASE WHEN t.elsewhere_p IS NOT NULL AND t.others_p IS NOT NULL THEN greatest(t.elsewhere_p, t.others_p) END AS looks_p,
    s.distractor_share, s.distractor_area, s.arrow_share, s.arrow_area
FROM summed AS s
LEFT JOIN tested AS t ON t.run = s.run AND t.category IS NOT DISTINCT FROM s.category AND t.variant = s.variant
    AND t.query_row = s.query_row AND t.layer = s.layer;
COMMENT ON MACRO TABLE attention_row_grounding_of IS 'Where each query row of a list of runs looks, beside what chance gives: the rows of attention_row_grounding.';
