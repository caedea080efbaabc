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
    b.run,
    b.model,
    b.question_set,
    b.probe,
    b.category,
    b.label,
    b.features,
    b.variant,
    b.split,
    b.protocol,
    b.n_classes,
    b.n_samples,
    if(tested, t.n, b.n) AS n,
    b.n_layers,
    if(tested, t.layer, b.layer) AS layer,
    if(tested, t.accuracy, b.accuracy) AS accuracy,
    if(tested, t.ci_low, b.ci_low) AS ci_low,
    if(tested, t.ci_high, b.ci_high) AS ci_high,
    if(tested, t.se, b.se) AS se,
    if(tested, t.majority, b.majority) AS majority,
    if(tested, t.shuffled, b.shuffled) AS shuffled,
    if(tested, t.prompt_only, b.prompt_only) AS prompt_only,
    if(tested, t.accuracy - t.shuffled, b.selectivity) AS selectivity,
    if(tested, t.accuracy - t.prompt_only, b.over_prompt) AS over_prompt,
    if(tested, t.n_right, b.n_right) AS n_right,
    if(tested, t.accuracy_right, b.accuracy_right) AS accuracy_right,
    if(tested, t.n_wrong, b.n_wrong) AS n_wrong,
    if(tested, t.accuracy_wrong, b.accuracy_wrong) AS accuracy_wrong,
    b.all_layers,
    b.all_layers_se,
    CASE
        WHEN tested AND len(t.layers) > 1 THEN 'inner folds'
        WHEN b.n_layers > 1 THEN 'after looking'
        ELSE 'no choice'
    END AS chosen,
    t.fold_layers,
    if(tested, t.shuffled_sd, b.shuffled_sd) AS shuffled_sd,
    t.p_layers,
    t.p_majority,
    t.p_prompt,
    t.p,
    t.p_holm,
    t.n_family,
    t.permutations,
    -- A test over some of the layers says nothing about a best one among more.
    if(
        len(t.layers) >= b.n_layers,
        t.p_holm <= 0.05 AND t.accuracy > greatest(t.majority, t.shuffled, t.prompt_only),
        NULL
    ) AS beats_controls
FROM (FROM ranked WHERE place = 1) AS b
LEFT JOIN (SELECT true AS tested, * FROM probe_tested) AS t USING (run, probe, category, label);

COMMENT ON VIEW probe_best IS 'One row per probe and label: its layer chosen in inner folds, tested over all layers, and all layers side by side.';
COMMENT ON COLUMN probe_best.n_layers IS 'Layers fitted alone.';
COMMENT ON COLUMN probe_best.layer IS 'The layer the choice makes on all rows; NULL where only all layers side by side were fitted, which the row then is.';
COMMENT ON COLUMN probe_best.accuracy IS 'With the layer chosen without the rows scored; where chosen is after looking, of the best layer and therefore a little high.';
COMMENT ON COLUMN probe_best.ci_low IS '95% interval, lower end: clustered by scene; Wilson where nothing was tested (n_family is NULL).';
COMMENT ON COLUMN probe_best.accuracy_right IS 'The same probe on the questions the model answered right.';
COMMENT ON COLUMN probe_best.all_layers IS 'Accuracy of one probe on all layers side by side; NULL where none was fitted.';
COMMENT ON COLUMN probe_best.chosen IS 'How layer was chosen: inner folds, after looking (the study''s protocol and older results), or no choice.';
COMMENT ON COLUMN probe_best.fold_layers IS 'The layer chosen for each outer fold; the more they differ, the less the choice means.';
COMMENT ON COLUMN probe_best.shuffled_sd IS 'Standard deviation of shuffled over the shuffles, and so of selectivity.';
COMMENT ON COLUMN probe_best.p IS 'The largest of p_layers, p_majority and p_prompt: above chance and above both controls.';
COMMENT ON COLUMN probe_best.p_holm IS 'p after Holm''s correction for all labels of the run''s categories (n_family).';
COMMENT ON COLUMN probe_best.beats_controls IS 'The tick: p_holm at most 0.05 and accuracy above every control. NULL where it was not tested over all layers fitted.';
