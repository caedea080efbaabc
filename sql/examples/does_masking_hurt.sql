-- Where does taking an object or an arrow away change accuracy by more than chance? Sorted by the test over scenes.
SELECT run, category, n, n_scenes, accuracy_raw, accuracy_masked, "drop", drop_low, drop_high, p
FROM raw_vs_masked
ORDER BY p, abs("drop") DESC;
