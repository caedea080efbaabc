-- The questions both sides answered, with both grades. A side is a run and a variant.
SELECT * EXCLUDE (clean)
FROM paired_answers_of($run_a, $variant_a, $run_b, $variant_b)
ORDER BY scene_id, question_index;
