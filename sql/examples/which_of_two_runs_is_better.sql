-- Which of two runs is better, category by category, on the questions both answered?
SELECT run_a, run_b, category, variant, n, accuracy_a, accuracy_b, difference, n_only_a, n_only_b, holm_p
FROM run_compare
WHERE run_a < run_b
ORDER BY run_a, run_b, variant, category;
