-- How much of a category's error is the questions' own? Accuracy on all questions and on those with one right answer.
SELECT run, category, variant, accuracy_of_all, accuracy AS accuracy_clean, ci_low, ci_high, n, n_dropped
FROM accuracy_clean
WHERE n_dropped > 0
ORDER BY run, category, variant;
