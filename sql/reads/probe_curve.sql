-- One probe layer by layer (NULL: all side by side), with its controls, and on right and wrong answers alone.
SELECT
    layer, n_classes, n_samples, n, accuracy, ci_low, ci_high, se, majority, shuffled, prompt_only, selectivity,
    over_prompt, n_right, accuracy_right, n_wrong, accuracy_wrong, shuffled_sd
FROM probe_by_layer AS a
LEFT JOIN (
    SELECT
        layer AS of_layer,
        max(n) FILTER (subset = 'right') AS n_right,
        max(accuracy) FILTER (subset = 'right') AS accuracy_right,
        max(n) FILTER (subset = 'wrong') AS n_wrong,
        max(accuracy) FILTER (subset = 'wrong') AS accuracy_wrong
    FROM probe_result
    WHERE run = $run AND probe = $probe AND category = $category AND label = $label
    GROUP BY layer
) AS s ON s.of_layer IS NOT DISTINCT FROM a.layer
WHERE run = $run AND probe = $probe AND category = $category AND label = $label AND subset = 'all'
ORDER BY layer NULLS LAST;
