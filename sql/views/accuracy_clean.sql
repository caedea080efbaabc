CREATE OR REPLACE VIEW accuracy_clean AS
SELECT
    i.run,
    r.model,
    q.category,
    i.variant,
    count(*) FILTER (NOT ambiguous) AS n,
    count(*) FILTER (NOT ambiguous AND i.correct) AS correct,
    count(*) FILTER (NOT ambiguous AND i.correct) / nullif(count(*) FILTER (NOT ambiguous), 0) AS accuracy,
    wilson_low(count(*) FILTER (NOT ambiguous AND i.correct), count(*) FILTER (NOT ambiguous)) AS ci_low,
    wilson_high(count(*) FILTER (NOT ambiguous AND i.correct), count(*) FILTER (NOT ambiguous)) AS ci_high,
    count(*) FILTER (ambiguous) AS n_dropped,
    count(*) FILTER (i.correct) / count(*) AS accuracy_of_all
FROM inference AS i
JOIN (
    SELECT
        dataset, scene_id, question_index, category,
        coalesce(list_has_any(flaws, ['equivalent_option', 'two_axes', 'referent_not_unique']), false) AS ambiguous
    FROM question
) AS q USING (dataset, scene_id, question_index)
JOIN run AS r ON r.run = i.run
WHERE i.correct IS NOT NULL
GROUP BY i.run, r.model, q.category, i.variant;

COMMENT ON VIEW accuracy_clean IS 'One row per run, category and variant: accuracy over the questions that have one right answer (without equivalent_option, two_axes and referent_not_unique).';
COMMENT ON COLUMN accuracy_clean.ci_low IS 'Wilson 95% interval of the accuracy, lower end.';
COMMENT ON COLUMN accuracy_clean.n_dropped IS 'Graded answers to ambiguous questions, left out.';
COMMENT ON COLUMN accuracy_clean.accuracy_of_all IS 'With them.';
