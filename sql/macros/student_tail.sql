-- The upper tail of Student's t with df degrees of freedom. t becomes a normal deviate: Hill, Algorithm 395, Communications of
-- the ACM 13 (1970). From 5 degrees of freedom on within 0.01% down to 0.001, and within 2.5% down to 1e-9.
CREATE OR REPLACE MACRO student_tail(t, df) AS
    CASE WHEN df >= 1 AND t IS NOT NULL THEN list_transform(
        [{'y': (df - 0.5) * ln(1 + t::DOUBLE * t / df), 'b': 48 * (df - 0.5) ^ 2}],
        lambda h: normal_above(sign(t) * sqrt(h.y) * (
            1 + ((((-0.4 * h.y - 3.3) * h.y - 24) * h.y - 85.5) / (0.8 * h.y * h.y + 100 + h.b) + h.y + 3) / h.b)))[1]
    END;
COMMENT ON MACRO student_tail IS 'Upper tail of Student''s t with df degrees of freedom; from 5 on within 0.01% down to 0.001.';
