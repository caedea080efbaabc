CREATE OR REPLACE VIEW attention_row_shift AS
SELECT f.*
FROM attention_row_shift_fill AS f
JOIN attention_fill_state AS s ON s.run = f.run AND s.part = 'query_rows' AND s.is_filled
UNION ALL BY NAME
FROM attention_row_shift_live;

COMMENT ON VIEW attention_row_shift IS 'One row per run, category, query row and layer: how far a row''s attention moves from the raw to the masked picture, both normalised to sum 1, mean over questions; twins without a change left out, the answer''s at the step that yields it.';
COMMENT ON COLUMN attention_row_shift.l1 IS 'Sum of absolute differences: 0 to 2.';
