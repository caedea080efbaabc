-- Normal quantile of an upper tail, within 4.5e-4. Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.2.23.
CREATE OR REPLACE MACRO normal_quantile(tail) AS
    list_transform([sqrt(-2 * ln(tail))], lambda t: t - (2.515517 + 0.802853 * t + 0.010328 * t * t)
        / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t))[1];
COMMENT ON MACRO normal_quantile IS 'The normal quantile that leaves this tail (up to 0.5) above it, within 4.5e-4.';
