-- Share of each cell of a grid over the 224-pixel picture that a box covers, row by row. A box runs between the middles
-- of its corner pixels, as in relcli/scenes/geometry.py.
CREATE OR REPLACE MACRO box_coverage(x_min, y_min, x_max, y_max, grid_height, grid_width) AS
    list_transform(range(grid_height * grid_width), lambda cell:
        greatest(0, least((x_max + 0.5e0) * grid_width / 224, cell % grid_width + 1)
                    - greatest((x_min + 0.5e0) * grid_width / 224, cell % grid_width))
        * greatest(0, least((y_max + 0.5e0) * grid_height / 224, cell // grid_width + 1)
                      - greatest((y_min + 0.5e0) * grid_height / 224, cell // grid_width)));
COMMENT ON MACRO box_coverage IS 'Share of each cell of a grid over the picture that a box (in pixels) covers.';
