-- The study's table of accuracies (assets/reference) into reference_accuracy; $file is the CSV.
INSERT OR REPLACE INTO reference_accuracy BY NAME
SELECT
    'study' AS source,
    query_type AS category,
    n_samples AS n,
    acc_unmasked AS accuracy_raw,
    acc_masked AS accuracy_masked,
    acc_drop AS "drop",
    drop_pct,
    retain_rate,
    fix_rate,
    n_correct_unmasked AS n_correct_raw,
    n_incorrect_unmasked AS n_incorrect_raw
FROM published;
