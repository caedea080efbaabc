-- Share of each rectangle that a box on the 224-pixel picture covers, 0 for tokens without one. A box runs between the
-- middles of its corner pixels, as in relcli/scenes/geometry.py. Edges are lists of shares of the picture.
CREATE OR REPLACE MACRO box_coverage(x_min, y_min, x_max, y_max, lefts, tops, rights, bottoms) AS
    list_transform(range(1, len(lefts) + 1), lambda i: coalesce(
        greatest(0, least((x_max + 0.5e0) / 224, rights[i]) - greatest((x_min + 0.5e0) / 224, lefts[i]))
        / (rights[i] - lefts[i])
        * greatest(0, least((y_max + 0.5e0) / 224, bottoms[i]) - greatest((y_min + 0.5e0) / 224, tops[i]))
        / (bottoms[i] - tops[i]), 0));
COMMENT ON MACRO box_coverage IS 'Share of each token''s rectangle that a box (in pixels) covers.';
