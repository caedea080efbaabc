-- How far each query row of some runs (of the rows `row_names`, or where that is NULL of all) moves from the raw to the masked
-- picture, computed anew, by category and layer: means over questions whose twin was changed.
CREATE OR REPLACE MACRO attention_row_shift_anew(runs, row_names) AS TABLE
SELECT
    run, category, query_row, layer,
    count(*) AS n,
    avg(l1 * n_tokens) AS l1,
    avg(finite(cosine)) AS cosine
FROM attention_row_shift_by_question_of(runs, row_names)
WHERE twin_changed IS DISTINCT FROM false
GROUP BY run, category, query_row, layer;
COMMENT ON MACRO TABLE attention_row_shift_anew IS 'How far each query row of a list of runs moves from the raw to the masked picture, computed anew. Ask attention_row_shift.';
