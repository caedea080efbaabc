-- Lower end of the Wilson 95% interval of k successes in n trials; NULL without trials. 1.95996... is the normal
-- quantile of 0.975. Wilson, JASA 22 (1927).
CREATE OR REPLACE MACRO wilson_low(k, n) AS
    CASE WHEN n > 0 THEN greatest(0.0,
        (k + 1.959963984540054 ^ 2 / 2
         - 1.959963984540054 * sqrt(k * ((n - k) / n::DOUBLE) + 1.959963984540054 ^ 2 / 4))
        / (n + 1.959963984540054 ^ 2))
    END;
COMMENT ON MACRO wilson_low IS 'Lower end of the Wilson 95% interval of k of n; NULL if n is 0.';
