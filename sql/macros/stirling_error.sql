-- ln(x!) less Stirling's formula, for whole x. The series (to x^-11) is exact to double precision from 16 on; below,
-- lgamma is small enough to be subtracted without loss. Loader, Fast and accurate computation of binomial
-- probabilities (2000).
CREATE OR REPLACE MACRO stirling_error(x) AS
    CASE WHEN x < 16 THEN lgamma(x + 1.0) - (x + 0.5) * ln(greatest(x, 1e-300)) + x - 0.9189385332046727
    ELSE (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188) / (x::DOUBLE * x))
         / (x::DOUBLE * x)) / (x::DOUBLE * x)) / (x::DOUBLE * x)) / x
    END;
COMMENT ON MACRO stirling_error IS 'ln(x!) less Stirling''s formula, to double precision; for whole x.';
