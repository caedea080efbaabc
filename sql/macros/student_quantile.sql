-- The two-sided 95% quantile of Student's t with df degrees of freedom: the inverse of student_tail's normal deviate. Within
-- 1% from 4 degrees of freedom on.
CREATE OR REPLACE MACRO student_quantile(df) AS
    CASE WHEN df >= 1 THEN sqrt(df * (exp((1.959964 * (8.0 * df + 3) / (8.0 * df + 1)) ^ 2 / df) - 1)) END;
COMMENT ON MACRO student_quantile IS 'Two-sided 95% quantile of Student''s t with df degrees of freedom, within 1% from 4 on.';
