-- One of an answer's two vectors by its name: its first step (where there is none, as in an imported run, the mean over its
-- steps) or mean_heads.
CREATE OR REPLACE MACRO vector_named(vector, first_step, mean_heads) AS
    CASE WHEN vector = 'first_step' THEN coalesce(first_step, mean_heads) ELSE mean_heads END;
COMMENT ON MACRO vector_named IS 'The vector of that name (first_step or mean_heads); the mean over steps where a run has no first step.';
