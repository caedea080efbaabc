CREATE OR REPLACE VIEW attention_grounding_live AS
WITH stale AS (
    SELECT run, dataset FROM attention_fill_state WHERE part = 'rows' AND NOT is_filled
), grid AS (
    -- x and y of each cell's middle, in pixels of the 224-pixel picture
    SELECT
        grid_height, grid_width,
        list_transform(range(grid_height * grid_width), lambda cell: (cell % grid_width + 0.5e0) * 224 / grid_width)::FLOAT[] AS xs,
        list_transform(range(grid_height * grid_width), lambda cell: (cell // grid_width + 0.5e0) * 224 / grid_height)::FLOAT[] AS ys
    FROM (SELECT DISTINCT grid_height, grid_width FROM region)
), place AS (
    SELECT
        *,
        list_avg(entity) AS entity_area,
        list_avg(distractor) AS distractor_area,
        list_avg(arrow) AS arrow_area,
        list_avg(masked_place) AS masked_place_area,
        len(list_filter(entity, lambda share: share > 0)) / len(entity) AS pointing_chance,
        greatest(1, round(list_sum(box)))::INTEGER AS n_top
    FROM question_region_of((SELECT list(DISTINCT dataset) FROM stale))
    JOIN grid USING (grid_height, grid_width)
), looked AS (
    SELECT a.*, s.dataset, sound_vector(a.mean_heads, a.grid_height::INTEGER * a.grid_width) AS weights
    FROM stale AS s
    JOIN attention AS a ON a.run = s.run
), weighed AS (
    SELECT
        a.run, a.scene_id, a.question_index, a.variant, a.layer,
        p.* EXCLUDE (dataset, scene_id, question_index, variant, grid_height, grid_width),
        a.weights,
        nullif(list_sum(a.weights), 0) AS total,
        list_position(a.weights, list_max(a.weights)) AS top_cell,
        CASE WHEN p.box IS NOT NULL THEN list_reverse_sort(a.weights)[p.n_top] END AS least_of_top,
        k.mask AS sinks,
        coalesce(k.n_sinks, 0) / (a.grid_height * a.grid_width) AS sink_area
    FROM looked AS a
    LEFT JOIN place AS p ON p.dataset = a.dataset AND p.scene_id = a.scene_id AND p.question_index = a.question_index
        AND p.variant = a.variant AND p.grid_height = a.grid_height AND p.grid_width = a.grid_width
    LEFT JOIN attention_sink_mask AS k ON k.run = a.run AND k.layer = a.layer AND k.grid_height = a.grid_height
        AND k.grid_width = a.grid_width
), topped AS (
    SELECT
        *,
        -- not NULL where there is no box: list_dot_product refuses vectors with NULLs in them
        list_transform(weights, lambda weight: (weight >= coalesce(least_of_top, 2) AND weight > 0)::INTEGER::FLOAT)
            AS is_top
    FROM weighed
)
SELECT
    run, scene_id, question_index, variant, layer,
    (list_dot_product(weights, entity) / total)::FLOAT AS entity_share,
    entity_area::FLOAT AS entity_area,
    (list_dot_product(weights, distractor) / total)::FLOAT AS distractor_share,
    distractor_area::FLOAT AS distractor_area,
    (list_dot_product(weights, arrow) / total)::FLOAT AS arrow_share,
    arrow_area::FLOAT AS arrow_area,
    (list_dot_product(weights, masked_place) / total)::FLOAT AS masked_place_share,
    masked_place_area::FLOAT AS masked_place_area,
    (CASE WHEN sinks IS NULL THEN 0 ELSE list_dot_product(weights, sinks) END / total)::FLOAT AS sink_share,
    sink_area::FLOAT AS sink_area,
    CASE WHEN total > 0 THEN entity[top_cell] > 0 END AS pointing_hit,
    pointing_chance::FLOAT AS pointing_chance,
    sqrt((list_dot_product(weights, xs) / total - centre_x) ^ 2
         + (list_dot_product(weights, ys) / total - centre_y) ^ 2)::FLOAT AS centre_distance,
    CASE WHEN total > 0 THEN
        list_dot_product(is_top, box) / (list_sum(is_top) + list_sum(box) - list_dot_product(is_top, box))
    END::FLOAT AS iou
FROM topped;

COMMENT ON VIEW attention_grounding_live IS 'One row per answer and layer of runs whose grounding isn''t filled, computed anew.';
