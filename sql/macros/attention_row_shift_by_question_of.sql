-- How far each query row of a list of runs (of the rows `row_names`, or where that is NULL of all) moves from the raw to the masked
-- picture, by question and layer; measures as in attention_shift. The answer's row is of the step that yields it.
CREATE OR REPLACE MACRO attention_row_shift_by_question_of(runs, row_names) AS TABLE
WITH looked AS (
    SELECT
        a.run, r.dataset, a.scene_id, a.question_index, a.variant, a.query_row, a.layer, l.layout, l.n_tokens,
        sound_vector(
            looking_vector(a.query_row, a.answer_step, a.first_step, a.mean_heads),
            l.n_tokens
        ) AS weights
    FROM answer_attention AS a
    JOIN run AS r ON r.run = a.run
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    WHERE list_contains(runs, a.run) AND (row_names IS NULL OR list_contains(row_names, a.query_row))
        AND a.presentation = 'plain' AND a.intervention = 'none' AND a.variant IN ('raw', 'masked')
), pair AS (
    SELECT
        run, dataset, scene_id, question_index, query_row, layer, raw.n_tokens,
        raw.weights AS raw,
        masked.weights AS masked,
        1 / nullif(list_sum(raw.weights), 0) AS raw_scale,
        1 / nullif(list_sum(masked.weights), 0) AS masked_scale
    FROM (FROM looked WHERE variant = 'raw') AS raw
    JOIN (FROM looked WHERE variant = 'masked') AS masked
        USING (run, dataset, scene_id, question_index, query_row, layer, layout)
    WHERE raw.weights IS NOT NULL AND masked.weights IS NOT NULL
), cell AS (
    SELECT
        run, dataset, scene_id, question_index, query_row, layer, n_tokens, raw_scale, masked_scale,
        unnest(raw)::DOUBLE AS x,
        unnest(masked)::DOUBLE AS y
    FROM pair
), moved AS (
    -- With p = x / sum(x) and q = y / sum(y): sum(p ln(p / q)) = sum(x ln(x / y)) / sum(x) + ln(sum(y) / sum(x)).
    SELECT
        run, dataset, scene_id, question_index, query_row, layer, any_value(n_tokens) AS n_tokens,
        avg(abs(x * raw_scale - y * masked_scale)) AS l1,
        sqrt(sum((x * raw_scale - y * masked_scale) * (x * raw_scale - y * masked_scale))) AS l2,
        CASE WHEN NOT bool_or(x > 0 AND y = 0) AND any_value(raw_scale * masked_scale) > 0 THEN greatest(0,
            sum(CASE WHEN x > 0 AND y > 0 THEN x * ln(x / y) END) * any_value(raw_scale)
            + ln(any_value(raw_scale) / any_value(masked_scale)))
        END AS kl,
        sum(x * y) / nullif(sqrt(sum(x * x)) * sqrt(sum(y * y)), 0) AS cosine
    FROM cell
    GROUP BY run, dataset, scene_id, question_index, query_row, layer
)
SELECT
    m.run, m.dataset, m.scene_id, m.question_index, q.category, s.twin_changed, m.query_row, m.layer, m.n_tokens,
    m.l1, m.l2, m.kl, m.cosine
FROM moved AS m
LEFT JOIN question_text AS q ON q.dataset = m.dataset AND q.scene_id = m.scene_id AND q.question_index = m.question_index
LEFT JOIN scene AS s ON s.dataset = m.dataset AND s.scene_id = m.scene_id;
COMMENT ON MACRO TABLE attention_row_shift_by_question_of IS 'How far each query row of a list of runs moves from the raw to the masked picture, by question and layer.';
