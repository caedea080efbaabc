-- The largest share of scenes, at 97.5%, that may be unlike these n, which are all alike: Clopper & Pearson, Biometrika
-- 26 (1934), for no successes.
CREATE OR REPLACE MACRO surely_below(n) AS 1 - 0.025 ^ (1.0 / n);
COMMENT ON MACRO surely_below IS 'Upper end of the exact 95% interval of the share of scenes that are unlike n scenes which all agree.';
