-- Shares of heads and tokens that can't be: outside 0 to 1 (entities may overlap by a hair), not finite, more or fewer than
-- there are heads or tokens, or an entropy beyond that of the image tokens.
WITH kept AS (
    SELECT
        'head_attention' AS of_table, run, scene_id, question_index, variant, query_row, layer, image_mass, entropy,
        target, chance, distractor, arrow, removed, sink, rest
    FROM head_attention
    UNION ALL
    SELECT
        'token_attention', run, scene_id, question_index, variant, NULL, layer, image_mass, NULL,
        target, chance, distractor, arrow, removed, sink, rest
    FROM token_attention
), share AS (
    SELECT
        * EXCLUDE (target, chance, distractor, arrow, removed, sink, rest),
        unnest([target, chance, distractor, arrow, removed, sink, rest]) AS shares
    FROM kept
)
SELECT DISTINCT of_table, run, scene_id, question_index, variant, query_row, s.layer
FROM share AS s
LEFT JOIN run AS r USING (run)
LEFT JOIN image_layout AS l ON l.layout = r.layout
WHERE len(shares) <> len(image_mass)
    OR (image_mass IS NULL AND shares IS NOT NULL)
    OR len(entropy) <> len(image_mass)
    OR NOT isfinite(list_sum(shares))
    OR NOT isfinite(list_sum(image_mass))
    OR list_min(shares) < -0.00001
    OR list_max(shares) > 1.05
    OR list_min(image_mass) < -0.00001
    OR list_max(image_mass) > 1.00001
    OR list_min(entropy) < -0.00001
    OR list_max(entropy) > ln(l.n_tokens) + 0.001;
