CREATE OR REPLACE VIEW attention_mean_live AS
WITH weighed AS (
    SELECT
        a.run, q.category, a.variant, a.vector, a.layer, a.layout, a.grid_height, a.grid_width, a.weights,
        list_sum(a.weights) AS total
    FROM attention_fill_state AS s
    JOIN (
        SELECT
            t.run, t.scene_id, t.question_index, t.variant, t.layer, t.grid_height, t.grid_width, l.layout, v.vector,
            sound_vector(vector_named(v.vector, t.first_step, t.mean_heads), l.n_tokens) AS weights
        FROM attention AS t
        JOIN image_layout AS l ON l.layout = layout_name(t.layout, t.grid_height, t.grid_width)
        CROSS JOIN (VALUES ('first_step'), ('mean_heads')) AS v (vector)
    ) AS a ON a.run = s.run
    LEFT JOIN question AS q ON q.dataset = s.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE s.part = 'mean' AND NOT s.is_filled
), kind AS MATERIALIZED (
    -- A number for each group to be: grouping 64 cells an answer by number takes half the time it takes by name.
    SELECT *, row_number() OVER () AS kind
    FROM (SELECT DISTINCT run, category, variant, vector, layer, layout, grid_height, grid_width FROM weighed)
), cell AS (
    SELECT
        k.kind, w.total,
        unnest(w.weights) AS weight,
        generate_subscripts(w.weights, 1)::SMALLINT AS cell
    FROM weighed AS w
    JOIN kind AS k ON k.run = w.run AND k.category IS NOT DISTINCT FROM w.category AND k.variant = w.variant
        AND k.vector = w.vector AND k.layer = w.layer AND k.layout = w.layout
    WHERE w.total > 0
), mean AS (
    SELECT kind, cell, count(*) AS n, avg(weight / total) AS share
    FROM cell
    GROUP BY kind, cell
)
SELECT
    any_value(k.run) AS run,
    any_value(k.category) AS category,
    any_value(k.variant) AS variant,
    any_value(k.vector) AS vector,
    any_value(k.layer) AS layer,
    any_value(k.grid_height) AS grid_height,
    any_value(k.grid_width) AS grid_width,
    any_value(m.n) AS n,
    list(m.share ORDER BY m.cell) AS shares,
    any_value(k.layout) AS layout
FROM mean AS m
JOIN kind AS k USING (kind)
GROUP BY kind;

COMMENT ON VIEW attention_mean_live IS 'One row per category, variant, vector, layer and layout of runs whose mean maps aren''t filled, computed anew. Ask the view without _live.';
