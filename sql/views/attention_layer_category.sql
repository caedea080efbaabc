CREATE OR REPLACE VIEW attention_layer_category AS
WITH shift AS (
    SELECT
        run, category, layer,
        count(*) AS n_shift,
        avg(l1) AS shift_l1,
        avg(l2) AS shift_l2,
        avg(kl) AS shift_kl,
        avg(cosine) AS shift_cosine
    FROM attention_shift
    WHERE twin_changed IS DISTINCT FROM false
    GROUP BY run, category, layer
), entropy AS (
    -- not from attention_entropy, which would unpack every step on the way
    SELECT
        a.run, q.category, a.variant, a.layer,
        avg(finite(a.mean_heads_entropy)) AS entropy,
        avg(finite(a.mean_heads_entropy) / ln(l.n_tokens)) AS entropy_of_uniform
    FROM attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    JOIN run AS r ON r.run = a.run
    LEFT JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    GROUP BY a.run, q.category, a.variant, a.layer
)
SELECT
    g.run, g.category, g.variant, g.layer, g.n,
    e.entropy, e.entropy_of_uniform,
    s.n_shift, s.shift_l1, s.shift_l2, s.shift_kl, s.shift_cosine,
    g.entity_share, g.elsewhere_share, g.above_elsewhere, g.elsewhere_p, g.entity_per_area, g.others_per_area,
    g.above_others, g.others_p, g.looks_p, g.entity_area_ratio,
    g.distractor_share, g.distractor_area_ratio, g.arrow_share, g.arrow_area_ratio, g.masked_place_share,
    g.masked_place_area_ratio, g.sink_share, g.pointing_game, g.pointing_elsewhere, g.pointing_area, g.centre_distance,
    g.iou
FROM attention_grounding AS g
JOIN entropy AS e ON e.run = g.run AND e.category IS NOT DISTINCT FROM g.category AND e.variant = g.variant
    AND e.layer = g.layer
LEFT JOIN shift AS s ON s.run = g.run AND s.category IS NOT DISTINCT FROM g.category AND s.layer = g.layer
    AND g.variant IN ('raw', 'masked');

COMMENT ON VIEW attention_layer_category IS 'One row per run, category, variant and layer: entropy, shift and grounding side by side, for a heat map of layers by categories. Grounding is of the first step, the rest of the mean over steps.';
COMMENT ON COLUMN attention_layer_category.shift_l1 IS 'Between the raw and the masked picture: the same in both their rows, NULL in those of the blank one.';
