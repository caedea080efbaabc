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
    GROUP BY run, category, layer
)
SELECT
    g.run, g.category, g.variant, g.layer, g.n,
    e.entropy, e.entropy_of_uniform,
    s.n_shift, s.shift_l1, s.shift_l2, s.shift_kl, s.shift_cosine,
    g.entity_share, g.entity_lift, g.distractor_share, g.distractor_lift, g.arrow_share, g.arrow_lift,
    g.masked_place_share, g.masked_place_lift, g.sink_share, g.pointing_game, g.pointing_chance, g.centre_distance, g.iou
FROM attention_grounding AS g
JOIN attention_entropy AS e ON e.run = g.run AND e.category IS NOT DISTINCT FROM g.category AND e.variant = g.variant
    AND e.layer = g.layer AND e.step IS NULL
LEFT JOIN shift AS s ON s.run = g.run AND s.category IS NOT DISTINCT FROM g.category AND s.layer = g.layer
    AND g.variant IN ('raw', 'masked');

COMMENT ON VIEW attention_layer_category IS 'One row per run, category, variant and layer: entropy, shift and grounding side by side, for a heat map of layers by categories.';
COMMENT ON COLUMN attention_layer_category.shift_l1 IS 'Between the raw and the masked picture: the same in both their rows, NULL in those of the blank one.';
