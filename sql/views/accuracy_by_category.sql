CREATE OR REPLACE VIEW accuracy_by_category AS
SELECT
    i.run,
    r.model,
    q.category,
    i.variant,
    count(*) AS n,
    count(*) FILTER (i.correct) AS correct,
    count(*) FILTER (i.correct) / count(*) AS accuracy,
    wilson_low(count(*) FILTER (i.correct), count(*)) AS ci_low,
    wilson_high(count(*) FILTER (i.correct), count(*)) AS ci_high
FROM inference AS i
JOIN question AS q USING (dataset, scene_id, question_index)
JOIN run AS r ON r.run = i.run
WHERE i.correct IS NOT NULL
GROUP BY i.run, r.model, q.category, i.variant;

COMMENT ON VIEW accuracy_by_category IS 'One row per run, category and variant: how many answers are right.';
COMMENT ON COLUMN accuracy_by_category.ci_low IS 'Wilson 95% interval of the accuracy, lower end.';
COMMENT ON COLUMN accuracy_by_category.ci_high IS 'Wilson 95% interval of the accuracy, upper end.';
