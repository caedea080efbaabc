CREATE OR REPLACE VIEW attention AS
SELECT * EXCLUDE (presentation, intervention, query_row)
FROM answer_attention
WHERE presentation = 'plain' AND intervention = 'none' AND query_row = 'answer';

COMMENT ON VIEW attention IS 'One row per plain answer and layer: the attention the answer paid to the image cells, six decimals.';
COMMENT ON COLUMN attention.layer IS 'Counts from 0.';
COMMENT ON COLUMN attention.mean_heads IS 'Mean over heads and steps, one value per cell.';
COMMENT ON COLUMN attention.max_heads IS 'Maximum over heads and steps.';
COMMENT ON COLUMN attention.first_step IS 'Mean over heads at the step that yields the first token.';
COMMENT ON COLUMN attention.last_step IS 'Mean over heads at the last step.';
COMMENT ON COLUMN attention.mean_heads_entropy IS 'Shannon entropy, natural log, of the vector normalised to sum 1.';
COMMENT ON COLUMN attention.step_entropy IS 'The same for every step''s mean over heads.';
COMMENT ON COLUMN attention.image_mass IS 'Total weight on the image, mean over heads and steps (0 to 1).';
