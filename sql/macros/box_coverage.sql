-- Share of each rectangle that a box covers, 0 for tokens without one. The box and the edges, which are lists, are in shares
-- of the picture.
CREATE OR REPLACE MACRO box_coverage(x_min, y_min, x_max, y_max, lefts, tops, rights, bottoms) AS
    list_transform(range(1, len(lefts) + 1), lambda i: coalesce(
        greatest(0, least(x_max, rights[i]) - greatest(x_min, lefts[i])) / (rights[i] - lefts[i])
        * greatest(0, least(y_max, bottoms[i]) - greatest(y_min, tops[i])) / (bottoms[i] - tops[i]), 0));
COMMENT ON MACRO box_coverage IS 'Share of each token''s rectangle that a box (in shares of the picture) covers.';
