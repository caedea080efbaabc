CREATE OR REPLACE VIEW attention_row_shift AS
WITH looked AS (
    SELECT
        a.run, r.dataset, a.scene_id, a.question_index, a.variant, a.query_row, a.layer, l.layout,
        sound_vector(
            looking_vector(a.query_row, a.answer_step, a.first_step, a.mean_heads),
            l.n_tokens
        ) AS weights
    FROM answer_attention AS a
    JOIN run AS r ON r.run = a.run
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    WHERE a.presentation = 'plain' AND a.intervention = 'none' AND a.variant IN ('raw', 'masked')
), pair AS (
    SELECT
        raw.run, q.category, raw.query_row, raw.layer,
        raw.weights AS raw_weights,
        masked.weights AS masked_weights,
        list_transform(raw.weights, lambda w: w / nullif(list_sum(raw.weights), 0)) AS raw,
        list_transform(masked.weights, lambda w: w / nullif(list_sum(masked.weights), 0)) AS masked
    FROM (FROM looked WHERE variant = 'raw') AS raw
    JOIN (FROM looked WHERE variant = 'masked') AS masked
        USING (run, dataset, scene_id, question_index, query_row, layer, layout)
    JOIN scene AS s ON s.dataset = raw.dataset AND s.scene_id = raw.scene_id
    LEFT JOIN question AS q ON q.dataset = raw.dataset AND q.scene_id = raw.scene_id
        AND q.question_index = raw.question_index
    WHERE s.twin_changed IS DISTINCT FROM false
)
SELECT
    run, category, query_row, layer,
    count(*) AS n,
    avg(list_sum(list_transform(list_zip(raw, masked), lambda cell: abs(cell[1] - cell[2])))) AS l1,
    -- not of the normalised ones: DuckDB refuses the query where one without any weight became NULLs
    avg(finite(list_cosine_similarity(raw_weights, masked_weights))) AS cosine
FROM pair
GROUP BY run, category, query_row, layer;

COMMENT ON VIEW attention_row_shift IS 'One row per run, category, query row and layer: how far a row''s attention moves from the raw to the masked picture, both normalised to sum 1, mean over questions; twins without a change left out, the answer''s at the step that yields it.';
COMMENT ON COLUMN attention_row_shift.l1 IS 'Sum of absolute differences: 0 to 2.';
