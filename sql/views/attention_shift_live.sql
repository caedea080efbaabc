CREATE OR REPLACE VIEW attention_shift_live AS
WITH pair AS (
    SELECT
        raw.run, raw.scene_id, raw.question_index, raw.layer,
        raw.mean_heads AS raw,
        masked.mean_heads AS masked,
        1 / nullif(list_sum(raw.mean_heads), 0) AS raw_scale,
        1 / nullif(list_sum(masked.mean_heads), 0) AS masked_scale
    FROM attention_fill_state AS s
    JOIN attention AS raw ON raw.run = s.run AND raw.variant = 'raw'
    JOIN attention AS masked ON masked.run = raw.run AND masked.scene_id = raw.scene_id
        AND masked.question_index = raw.question_index AND masked.layer = raw.layer AND masked.variant = 'masked'
        AND masked.grid_height = raw.grid_height AND masked.grid_width = raw.grid_width
    WHERE s.part = 'rows' AND NOT s.is_filled
), cell AS (
    SELECT
        run, scene_id, question_index, layer, raw_scale, masked_scale,
        unnest(raw)::DOUBLE AS x,
        unnest(masked)::DOUBLE AS y
    FROM pair
)
-- With p = x / sum(x) and q = y / sum(y): sum(p ln(p / q)) = sum(x ln(x / y)) / sum(x) + ln(sum(y) / sum(x)).
SELECT
    run, scene_id, question_index, layer,
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
GROUP BY run, scene_id, question_index, layer;

COMMENT ON VIEW attention_shift_live IS 'One row per question and layer of runs whose shift isn''t filled, computed anew. Ask the view without _live.';
