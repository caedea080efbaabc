-- Published figures that contradict themselves: right and wrong answers that don't add up, accuracies they don't give.
SELECT source, category
FROM reference_accuracy
WHERE n_correct_raw + n_incorrect_raw <> n
    OR abs(n_correct_raw / n - accuracy_raw) > 1e-9
    OR abs(accuracy_raw - accuracy_masked - "drop") > 1e-9
    OR abs(100 * "drop" / nullif(accuracy_raw, 0) - drop_pct) > 1e-9;
