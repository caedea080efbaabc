-- Where each query row of a list of runs (of the rows `row_names`, or where that is NULL of all) looks, by question, variant and
-- layer; chances as in attention_grounding_by_question. The answer's row is of the step that yields it.
CREATE OR REPLACE MACRO attention_row_grounding_by_question_of(runs, row_names) AS TABLE
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
        a.run, r.dataset, a.scene_id, a.question_index, q.category, a.variant, a.query_row, a.layer,
        l.layout, l.n_tokens, l.lefts, l.n_placed,
        sound_vector(
            looking_vector(a.query_row, a.answer_step, a.first_step, a.mean_heads),
            l.n_tokens
        ) AS weights,
        finite(looking_vector(a.query_row, a.answer_step_entropy, a.first_step_entropy, a.mean_heads_entropy)) AS entropy
    FROM answer_attention AS a
    JOIN run AS r ON r.run = a.run
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    LEFT JOIN question_text AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE list_contains(runs, a.run) AND (row_names IS NULL OR list_contains(row_names, a.query_row))
        AND a.presentation = 'plain' AND a.intervention = 'none'
), weighed AS (
    SELECT * EXCLUDE (lefts), placed_weights(weights, lefts, n_placed) AS placed
    FROM looked
), placed AS MATERIALIZED (
    SELECT *, nullif(list_sum(placed), 0) AS total
    FROM weighed
), place AS (
    -- The shares of the picture are the same in all layers.
    SELECT
        p.*,
        list_sum(p.entity) / l.n_placed AS entity_area,
        list_sum(p.distractor) / l.n_placed AS distractor_area,
        list_sum(p.arrow) / l.n_placed AS arrow_area,
        list_sum(p.masked_place) / l.n_placed AS masked_place_area
    FROM question_region_of((SELECT list(DISTINCT dataset) FROM run WHERE list_contains(runs, run))) AS p
    JOIN image_layout AS l ON l.layout = p.layout
), kind_of_map AS MATERIALIZED (
    -- A number for each mean map to be: grouping the cells of every answer by number takes half the time it takes by name.
    SELECT *, row_number() OVER () AS map
    FROM (SELECT DISTINCT run, category, variant, query_row, layer, layout FROM placed)
), cell AS (
    SELECT k.map, unnest(a.placed) / a.total AS share, generate_subscripts(a.placed, 1)::SMALLINT AS cell
    FROM placed AS a
    JOIN kind_of_map AS k ON k.run = a.run AND k.category IS NOT DISTINCT FROM a.category AND k.variant = a.variant
        AND k.query_row = a.query_row AND k.layer = a.layer AND k.layout = a.layout
    WHERE a.total > 0
), mean AS (
    -- The row's mean map, which knows nothing of a question: what it has above chance is 0 on the mean over questions.
    SELECT k.run, k.category, k.variant, k.query_row, k.layer, k.layout, m.shares
    FROM (
        SELECT map, list(share ORDER BY cell)::FLOAT[] AS shares
        FROM (SELECT map, cell, avg(share) AS share FROM cell GROUP BY map, cell)
        GROUP BY map
    ) AS m
    JOIN kind_of_map AS k USING (map)
)
SELECT
    a.run, a.dataset, a.scene_id, a.question_index, a.category, a.variant, a.query_row, a.layer, a.entropy,
    a.entropy / ln(a.n_tokens) AS entropy_of_uniform,
    list_sum(a.weights) AS image_mass,
    list_dot_product(a.placed, p.entity) / a.total AS entity_share,
    p.entity_area,
    list_dot_product(a.placed, o.elsewhere) / a.total AS elsewhere_share,
    CASE WHEN a.total > 0 THEN list_dot_product(m.shares, o.above) END AS common_above,
    list_dot_product(a.placed, p.entity_per_area) / a.total AS entity_per_area,
    list_dot_product(a.placed, p.distractor_per_area) / a.total AS others_per_area,
    list_dot_product(a.placed, p.distractor) / a.total AS distractor_share,
    p.distractor_area,
    list_dot_product(a.placed, p.arrow) / a.total AS arrow_share,
    p.arrow_area,
    list_dot_product(a.placed, p.masked_place) / a.total AS masked_place_share,
    p.masked_place_area
FROM placed AS a
LEFT JOIN place AS p ON p.dataset = a.dataset AND p.scene_id = a.scene_id AND p.question_index = a.question_index
    AND p.variant = a.variant AND p.layout = a.layout
LEFT JOIN other AS o ON o.run = a.run AND o.variant = a.variant AND o.scene_id = a.scene_id
    AND o.question_index = a.question_index AND o.layout = a.layout
LEFT JOIN mean AS m ON m.run = a.run AND m.category IS NOT DISTINCT FROM a.category AND m.variant = a.variant
    AND m.query_row = a.query_row AND m.layer = a.layer AND m.layout = a.layout;
COMMENT ON MACRO TABLE attention_row_grounding_by_question_of IS 'Where each query row of a list of runs looks, by question, variant and layer, beside what chance gives.';
