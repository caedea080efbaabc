-- Published accuracies by category, per source.
SELECT source, category, n, accuracy_raw, accuracy_masked, retain_rate, fix_rate
FROM reference_accuracy
ORDER BY source, category;
