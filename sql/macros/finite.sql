-- A number if it is one; NULL for infinity and NaN, which would spoil every mean and refuse every standard deviation.
CREATE OR REPLACE MACRO finite(number) AS CASE WHEN isfinite(number) THEN number END;
COMMENT ON MACRO finite IS 'The number; NULL for infinity and NaN.';
