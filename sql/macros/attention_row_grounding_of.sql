-- Where each query row of some runs looks, by category, variant and layer: means over questions, beside what chance gives.
CREATE OR REPLACE MACRO attention_row_grounding_of(runs) AS TABLE
SELECT f.*
FROM attention_row_grounding_fill AS f
JOIN attention_fill_state AS s ON s.run = f.run AND s.part = 'query_rows' AND s.is_filled
WHERE list_contains(runs, f.run)
UNION ALL BY NAME
FROM attention_row_grounding_anew(
    (SELECT list(run) FROM attention_fill_state WHERE part = 'query_rows' AND NOT is_filled AND list_contains(runs, run)), NULL::VARCHAR[]);
COMMENT ON MACRO TABLE attention_row_grounding_of IS 'Where each query row of a list of runs looks, beside what chance gives: the rows of attention_row_grounding.';
