-- The true difference that a two-sided comparison at 5% with this standard error finds four times out of five: 2.80
-- standard errors, the normal quantiles of 0.975 and 0.8. Miller, arXiv:2411.00640 (2024), section 5.
CREATE OR REPLACE MACRO smallest_detectable(error) AS
    CASE WHEN error > 0 THEN (1.959963984540054 + 0.8416212335729143) * error END;
COMMENT ON MACRO smallest_detectable IS 'Smallest true difference found at 5% with 80% power, given its standard error; NULL if that is 0.';
