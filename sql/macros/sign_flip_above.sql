-- Is a measured quantity above zero by more than chance? Aggregates its sums over scenes, one of each. Under no difference a
-- scene's sum may as well have the other sign: the p of all these flips, one-sided, by Edgeworth's expansion of their sum, whose
-- fourth cumulant is -2 sum(x^4) and whose odd ones are zero (Hall, The Bootstrap and Edgeworth Expansion, 1992). Never below
-- the share of a single flip, 2^-n. NULL without a scene, 1 where nothing differs from zero. How near it is to all flips, and
-- its level: tests/sql/test_scene_means.py.
CREATE OR REPLACE MACRO sign_flip_above(total) AS
    CASE
        WHEN count(total) = 0 THEN NULL
        WHEN sum(total * total) > 0 THEN list_transform([{
            'x': sum(total) / sqrt(sum(total * total)),
            'kurtosis': -2 * sum((total * total) * (total * total)) / sum(total * total) ^ 2
        }], lambda s: least(1.0, greatest(0.5 ^ count(total) FILTER (total <> 0), normal_above(s.x)
            + exp(-s.x * s.x / 2) / sqrt(2 * pi()) * s.kurtosis / 24 * (s.x ^ 3 - 3 * s.x))))[1]
        ELSE 1.0
    END;
COMMENT ON MACRO sign_flip_above IS 'An aggregate over scenes: one-sided p of the sign-flip test that a measured sum is not above zero; questions of a scene may agree.';
