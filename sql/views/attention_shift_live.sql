CREATE OR REPLACE VIEW attention_shift_live AS
WITH looked AS (
    SELECT
        a.run, a.scene_id, a.question_index, a.variant, v.vector, a.layer, l.layout,
        sound_vector(vector_named(v.vector, a.first_step, a.mean_heads), l.n_tokens) AS weights
    FROM attention_fill_state AS s
    JOIN attention AS a ON a.run = s.run AND a.variant IN ('raw', 'masked')
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    CROSS JOIN (VALUES ('first_step'), ('mean_heads')) AS v (vector)
    WHERE s.part = 'rows' AND NOT s.is_filled
), pair AS (
    SELECT
        raw.run, raw.scene_id, raw.question_index, raw.vector, raw.layer,
        raw.weights AS raw,
        masked.weights AS masked,
        1 / nullif(list_sum(raw.weights), 0) AS raw_scale,
        1 / nullif(list_sum(masked.weights), 0) AS masked_scale
    FROM (FROM looked WHERE variant = 'raw') AS raw
    JOIN (FROM looked WHERE variant = 'masked') AS masked
        USING (run, scene_id, question_index, vector, layer, layout)
    WHERE raw.weights IS NOT NULL AND masked.weights IS NOT NULL
), cell AS (
    SELECT
        run, scene_id, question_index, vector, layer, raw_scale, masked_scale,
        unnest(raw)::DOUBLE AS x,
        unnest(masked)::DOUBLE AS y
    FROM pair
)
-- With p = x / sum(x) and q = y / sum(y): sum(p ln(p / q)) = sum(x ln(x / y)) / sum(x) + ln(sum(y) / sum(x)).
SELECT
    run, scene_id, question_index, vector, layer,
    avg(abs(x * raw_scale - y * masked_scale))::FLOAT AS l1,
    sqrt(sum((x * raw_scale - y * masked_scale) * (x * raw_scale - y * masked_scale)))::FLOAT AS l2,
    CASE WHEN NOT bool_or(x > 0 AND y = 0) AND any_value(raw_scale * masked_scale) > 0 THEN greatest(0,
        sum(CASE WHEN x > 0 AND y > 0 THEN x * ln(x / y) END) * any_value(raw_scale)
        + ln(any_value(raw_scale) / any_value(masked_scale)))
    END::FLOAT AS kl,
    (sum(x * y) / nullif(sqrt(sum(x * x)) * sqrt(sum(y * y)), 0))::FLOAT AS cosine,
    avg(abs(x - y))::FLOAT AS l1_unnormalised,
    sqrt(sum((x - y) * (x - y)))::FLOAT AS l2_unnormalised
FROM cell
GROUP BY run, scene_id, question_index, vector, layer;

COMMENT ON VIEW attention_shift_live IS 'One row per question, vector and layer of runs whose shift isn''t filled, computed anew. Ask the view without _live.';
