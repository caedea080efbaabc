-- The vector that says where a query row of answer_attention looked: of the answer's row that of the step which yields the
-- answer, of the question's tokens the only one they have.
CREATE OR REPLACE MACRO looking_vector(query_row, answer_step, first_step, mean_heads) AS
    CASE WHEN query_row = 'answer' THEN coalesce(answer_step, first_step, mean_heads) ELSE mean_heads END;
COMMENT ON MACRO looking_vector IS 'Where a query row looked: the answer''s at the step that yields it. Entropies alike.';
