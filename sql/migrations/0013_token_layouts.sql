-- Where each image token stands on the picture. Regions, maps and grounding are worked out from rectangles, of which a
-- plain grid is one case: its rows say grid_height and grid_width, as they always did, and no layout. Models that cut
-- pictures into tiles, or keep a thumbnail or marks among the image tokens, have a layout instead, and no grid.

CREATE TABLE token_layout (
    layout VARCHAR NOT NULL,
    token_index INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    x_min DOUBLE,
    y_min DOUBLE,
    x_max DOUBLE,
    y_max DOUBLE,
    PRIMARY KEY (layout, token_index)
);
COMMENT ON TABLE token_layout IS 'One row per layout and image token: its rectangle on the picture. Plain grids follow from their name and are not kept; the view image_token has both.';
COMMENT ON COLUMN token_layout.layout IS 'A name made from the rest, so that the same layout has the same name: the number of tokens and a hash, or unplaced and the number where nobody knows the places.';
COMMENT ON COLUMN token_layout.token_index IS 'Place among the image tokens, from 0; vectors of attention are in this order.';
COMMENT ON COLUMN token_layout.part IS 'tile, thumbnail, grid (neither), or none: a mark, padding, or a token without one place.';
COMMENT ON COLUMN token_layout.x_min IS 'Left edge as a share of the picture''s width; NULL without a place. The others alike, of width and height.';

ALTER TABLE run ADD COLUMN layout VARCHAR;
COMMENT ON COLUMN run.layout IS 'Of the image tokens of the run''s first picture, as view image_token names it; NULL for a model whose tokens are not seen.';
UPDATE run SET layout = grid_height || 'x' || grid_width;

ALTER TABLE answer_attention ADD COLUMN layout VARCHAR;
ALTER TABLE answer_attention ALTER COLUMN grid_height DROP NOT NULL;
ALTER TABLE answer_attention ALTER COLUMN grid_width DROP NOT NULL;
COMMENT ON COLUMN answer_attention.layout IS 'Where the image tokens stand (token_layout); NULL for a plain grid of grid_height x grid_width.';

ALTER TABLE region ADD COLUMN layout VARCHAR;
ALTER TABLE region ALTER COLUMN grid_height DROP NOT NULL;
ALTER TABLE region ALTER COLUMN grid_width DROP NOT NULL;
COMMENT ON TABLE region IS 'One row per entity or arrow and layout: the share of each token''s rectangle it covers.';
COMMENT ON COLUMN region.layout IS 'As in answer_attention.';

ALTER TABLE attention_mean_fill ADD COLUMN layout VARCHAR;
ALTER TABLE attention_mean_fill ALTER COLUMN grid_height DROP NOT NULL;
ALTER TABLE attention_mean_fill ALTER COLUMN grid_width DROP NOT NULL;
