CREATE OR REPLACE VIEW probe_best AS
WITH scored AS (
    SELECT
        a.*,
        n_right,
        accuracy_right,
        n_wrong,
        accuracy_wrong
    FROM probe_by_layer AS a
    LEFT JOIN (
        SELECT
            run,
            probe,
            category,
            label,
            layer,
            max(n) FILTER (subset = 'right') AS n_right,
            max(accuracy) FILTER (subset = 'right') AS accuracy_right,
            max(n) FILTER (subset = 'wrong') AS n_wrong,
            max(accuracy) FILTER (subset = 'wrong') AS accuracy_wrong
        FROM probe_result
        GROUP BY run, probe, category, label, layer
    ) AS s ON s.run = a.run AND s.probe = a.probe AND s.category = a.category AND s.label = a.label
        AND s.layer IS NOT DISTINCT FROM a.layer
    WHERE a.subset = 'all'
), ranked AS (
    SELECT
        *,
        count(layer) OVER every AS n_layers,
        max(accuracy) FILTER (layer IS NULL) OVER every AS all_layers,
        max(se) FILTER (layer IS NULL) OVER every AS all_layers_se,
        row_number() OVER (
            PARTITION BY run, probe, category, label ORDER BY layer IS NULL, accuracy DESC NULLS LAST, layer
        ) AS place
    FROM scored
    WINDOW every AS (PARTITION BY run, probe, category, label)
)
SELECT
    run,
    model,
    question_set,
    probe,
    category,
    label,
    features,
    variant,
    split,
    protocol,
    n_classes,
    n_samples,
    n,
    n_layers,
    layer,
    accuracy,
    ci_low,
    ci_high,
    se,
    majority,
    shuffled,
    prompt_only,
    selectivity,
    over_prompt,
    n_right,
    accuracy_right,
    n_wrong,
    accuracy_wrong,
    all_layers,
    all_layers_se
FROM ranked
WHERE place = 1;

COMMENT ON VIEW probe_best IS 'One row per probe and label: its best single layer, and all layers side by side.';
COMMENT ON COLUMN probe_best.n_layers IS 'Layers fitted alone; the accuracy is the best of so many and therefore a little high.';
COMMENT ON COLUMN probe_best.layer IS 'The best layer; NULL where only all layers side by side were fitted, which the row then is.';
COMMENT ON COLUMN probe_best.accuracy_right IS 'The same probe on the questions the model answered right.';
COMMENT ON COLUMN probe_best.all_layers IS 'Accuracy of one probe on all layers side by side; NULL where none was fitted.';
