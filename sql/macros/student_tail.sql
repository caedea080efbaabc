-- The upper tail of Student's t with df degrees of freedom. t becomes a normal deviate (Wallace, Ann. Math. Statist. 30,
-- 1959), whose tail is Chebyshev's fit of the complementary error function (Press et al., Numerical Recipes, erfcc). From 5
-- degrees of freedom on never more than 0.3% below the exact value, and above it by less than 6% down to 0.001; far out by
-- up to 40%, so that small p are rather too large.
CREATE OR REPLACE MACRO student_tail(t, df) AS
    CASE WHEN df >= 1 AND t IS NOT NULL THEN list_transform(
        [sign(t) * sqrt(df * ln(1 + t::DOUBLE * t / df)) * (8.0 * df + 1) / (8.0 * df + 3) / sqrt(2.0)],
        lambda z: list_transform(
            [1 / (1 + 0.5 * abs(z))],
            lambda u: list_transform(
                [u * exp(-z * z - 1.26551223 + u * (1.00002368 + u * (0.37409196 + u * (0.09678418 + u * (-0.18628806
                    + u * (0.27886807 + u * (-1.13520398 + u * (1.48851587 + u * (-0.82215223 + u * 0.17087277)))))))))],
                lambda tail: if(z >= 0, tail, 2 - tail) / 2)[1])[1])[1]
    END;
COMMENT ON MACRO student_tail IS 'Upper tail of Student''s t with df degrees of freedom; from 5 on within 6% down to 0.001, and rather too large below.';
