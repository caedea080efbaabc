CREATE OR REPLACE VIEW attention_row_grounding_live AS
FROM attention_row_grounding_anew((SELECT list(run) FROM attention_fill_state WHERE part = 'query_rows' AND NOT is_filled), NULL::VARCHAR[]);

COMMENT ON VIEW attention_row_grounding_live IS 'One row per category, variant, query row and layer of runs whose query rows aren''t filled, computed anew. Ask the view without _live.';
