-- The share of the normal distribution above x, to a relative 1.2e-7 however far out: Press et al., Numerical Recipes in C
-- (1992), 6.2 (a Chebyshev fit of erfc).
CREATE OR REPLACE MACRO normal_above(x) AS
    list_transform([1 / (1 + abs(x) / (2 * sqrt(2.0)))], lambda t: list_transform([
        t / 2 * exp(-x * x / 2 - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
            + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))))
    ], lambda tail: CASE WHEN x >= 0 THEN tail ELSE 1 - tail END)[1])[1];
COMMENT ON MACRO normal_above IS 'The share of the normal distribution above x, to a relative 1.2e-7.';
