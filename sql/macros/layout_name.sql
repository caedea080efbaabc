-- The name of a layout, from what rows of attention and regions say.
CREATE OR REPLACE MACRO layout_name(layout, grid_height, grid_width) AS coalesce(layout, grid_height || 'x' || grid_width);
COMMENT ON MACRO layout_name IS 'The name of a layout of image tokens: of a plain grid its height x width.';
