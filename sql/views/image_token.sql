CREATE OR REPLACE VIEW image_token AS
WITH grid AS (
    SELECT grid_height, grid_width FROM region
    UNION
    SELECT grid_height, grid_width FROM answer_attention
    UNION
    SELECT grid_height, grid_width FROM run
), cell AS (
    SELECT grid_height, grid_width, unnest(range(grid_height::INTEGER * grid_width))::INTEGER AS cell
    FROM grid
    WHERE grid_height > 0 AND grid_width > 0
)
SELECT layout, token_index, part, x_min, y_min, x_max, y_max FROM token_layout
UNION ALL
SELECT
    layout_name(NULL, grid_height, grid_width), cell, 'grid',
    (cell % grid_width)::DOUBLE / grid_width,
    (cell // grid_width)::DOUBLE / grid_height,
    (cell % grid_width + 1)::DOUBLE / grid_width,
    (cell // grid_width + 1)::DOUBLE / grid_height
FROM cell;

COMMENT ON VIEW image_token IS 'One row per layout and image token: where it stands on the picture. A plain grid is called by its height x width, such as 8x8.';
COMMENT ON COLUMN image_token.token_index IS 'Place among the image tokens, from 0; vectors of attention are in this order.';
COMMENT ON COLUMN image_token.part IS 'grid, tile, thumbnail, or none: a mark, padding, or a token without one place.';
COMMENT ON COLUMN image_token.x_min IS 'Left edge as a share of the picture''s width; NULL without a place. The others alike, of width and height.';
