-- One part of an import's attention: the form holds neither the first step nor the entropy of every step, unless
-- there was one step only.
SELECT * REPLACE (
    CASE WHEN n_steps = 1 THEN last_step END AS first_step,
    CASE WHEN n_steps = 1 THEN last_step_entropy END AS first_step_entropy,
    CASE WHEN n_steps = 1 THEN [last_step_entropy] END AS step_entropy
)
FROM staged
