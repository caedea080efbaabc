-- Where does taking an object or an arrow away change accuracy by more than chance? Sorted by the exact paired test.
SELECT run, category, n, accuracy_raw, accuracy_masked, "drop", mcnemar_p
FROM raw_vs_masked
ORDER BY mcnemar_p, abs("drop") DESC;
