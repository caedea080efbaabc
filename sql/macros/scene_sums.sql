-- What the questions of a scene add to a mean: how many have the quantity, its sum and its sum of squares. An aggregate over
-- the questions of one scene; NULL without any, so that the scene doesn't count.
CREATE OR REPLACE MACRO scene_sums(quantity) AS
    struct_pack(n := nullif(count(quantity), 0), total := sum(quantity)::DOUBLE, squares := sum(quantity * quantity)::DOUBLE);
COMMENT ON MACRO scene_sums IS 'An aggregate over the questions of a scene: how many have the quantity, its sum and the sum of its squares.';
