-- How does a run compare with the published figures for Qwen3-VL-4B-Instruct?
SELECT run, category, n, accuracy_raw, accuracy_raw_published, accuracy_raw_difference,
    "drop", drop_published, retain_rate, retain_rate_published
FROM versus_published
ORDER BY run, abs(accuracy_raw_difference) DESC;
