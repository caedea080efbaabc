-- Mid-p of the sign-flip test: `sizes` maps how much a scene changed (without sign) to the number of scenes that did,
-- `total` is the sum with signs. If nothing differs, each scene's change could as well have had the other sign, so the
-- total is a sum of coin throws worth their sizes; its distribution follows exactly from its characteristic function,
-- the product of cos(size * t) over the scenes, by summing over 2 * largest + 1 points t. The squares of the changes
-- keep under flips, so the total over the root of their sum (the studentised test) puts the throws in the same order:
-- same p. The sum is exact to 1e-13; where it comes to less than 1e-10, Hoeffding's bound stands in, which is never below p.
-- Fisher, The Design of Experiments (1935), section 21; mid-p: Lancaster, JASA 56 (1961).
CREATE OR REPLACE MACRO sign_flip(sizes, total) AS
    CASE WHEN total = 0 THEN 1.0 ELSE list_transform(
        [list_sum(list_transform(map_entries(sizes), lambda each: each.key * each.value))],
        lambda largest: list_transform(
            [1 - (2 * abs(total) + 2 * list_sum(list_transform(range(1, largest::BIGINT + 1), lambda j:
                list_product(list_transform(map_entries(sizes), lambda each:
                    cos(2 * pi() * ((j * each.key) % (2 * largest + 1)) / (2 * largest + 1)) ^ each.value))
                * sin(2 * pi() * ((j * abs(total)) % (2 * largest + 1)) / (2 * largest + 1))
                / tan(pi() * j / (2 * largest + 1))))) / (2 * largest + 1)],
            lambda p: CASE WHEN p > 1e-10 THEN least(1.0, p) ELSE least(1e-10, 2 * exp(-total::DOUBLE * total / 2
                / list_sum(list_transform(map_entries(sizes), lambda each: each.key::DOUBLE * each.key * each.value))))
            END)[1])[1]
    END;
COMMENT ON MACRO sign_flip IS 'Mid-p of the sign-flip test, given a map from sizes of change to numbers of scenes, and the total change.';
