-- The true drop that the two-sided sign-flip test at `level` finds four times out of five or more often, where the share
-- `background` of the scenes changes each way besides. `worth`: what it comes to in accuracy if all scenes change, 1 where
-- a scene changes wholly or not at all. Connor, Biometrics 43 (1987), with the variance taken without the drop's square,
-- which errs to the safe side: the test itself has 80% power there with many changes and up to 95% with few
-- (tests/analysis/test_power.py). NULL where no drop would be found so often.
CREATE OR REPLACE MACRO smallest_detectable(n_scenes, background, level, worth) AS
    list_transform([(normal_quantile(level / 2) + 0.8416212335729143) ^ 2 / n_scenes], lambda x:
        list_transform([(x + sqrt(x * x + 8 * background * x)) / 2], lambda found:
            CASE WHEN found + 2 * background <= 1 THEN least(1, found * worth) END)[1])[1];
COMMENT ON MACRO smallest_detectable IS 'Smallest true drop that the sign-flip test at this level finds with 80% power; NULL where none is.';
