-- Upper end of the Wilson 95% interval of k successes in n trials: one minus the lower end of the failures.
CREATE OR REPLACE MACRO wilson_high(k, n) AS 1 - wilson_low(n - k, n);
COMMENT ON MACRO wilson_high IS 'Upper end of the Wilson 95% interval of k of n; NULL if n is 0.';
