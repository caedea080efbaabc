-- Probability of k heads in n fair throws, 0 <= k <= n. Loader's form: no large numbers are subtracted, which is what
-- costs a difference of lgammas its last digits (1e-10 at n = 50,000).
CREATE OR REPLACE MACRO binomial_half(k, n) AS
    CASE WHEN k = 0 OR k = n THEN 0.5 ^ n
    ELSE exp(stirling_error(n) - stirling_error(k) - stirling_error(n - k)
             - k * ln(2e0 * k / n) - (n - k) * ln(2e0 * (n - k) / n))
         * sqrt(n / (2 * pi() * k * (n - k)))
    END;
COMMENT ON MACRO binomial_half IS 'Probability of k heads in n fair throws.';
