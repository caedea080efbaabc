CREATE OR REPLACE VIEW attention_row_shift_live AS
SELECT
    run, category, query_row, layer,
    count(*) AS n,
    avg(l1 * n_tokens) AS l1,
    avg(finite(cosine)) AS cosine
FROM attention_row_shift_by_question_of(
    (SELECT list(run) FROM attention_fill_state WHERE part = 'query_rows' AND NOT is_filled), NULL::VARCHAR[]
)
WHERE twin_changed IS DISTINCT FROM false
GROUP BY run, category, query_row, layer;

COMMENT ON VIEW attention_row_shift_live IS 'One row per category, query row and layer of runs whose query rows aren''t filled, computed anew. Ask the view without _live.';
