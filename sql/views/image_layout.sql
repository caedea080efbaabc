CREATE OR REPLACE VIEW image_layout AS
SELECT
    layout,
    count(*)::INTEGER AS n_tokens,
    count(x_min)::INTEGER AS n_placed,
    list(x_min ORDER BY token_index) AS lefts,
    list(y_min ORDER BY token_index) AS tops,
    list(x_max ORDER BY token_index) AS rights,
    list(y_max ORDER BY token_index) AS bottoms
FROM image_token
GROUP BY layout;

COMMENT ON VIEW image_layout IS 'One row per layout: the rectangles of its image tokens as lists in their order.';
COMMENT ON COLUMN image_layout.n_placed IS 'Tokens that stand on a place of the picture.';
COMMENT ON COLUMN image_layout.lefts IS 'Left edges as shares of the picture''s width; NULL for tokens without a place.';
