CREATE OR REPLACE VIEW accuracy_clean AS
WITH of_scene AS (
    SELECT
        i.run, q.category, i.variant, i.scene_id,
        nullif(count(*) FILTER (NOT q.ambiguous), 0) AS n,
        CASE WHEN count(*) FILTER (NOT q.ambiguous) > 0 THEN count(*) FILTER (i.correct AND NOT q.ambiguous) END AS correct,
        count(*) FILTER (q.ambiguous) AS n_dropped,
        count(*) FILTER (i.correct) AS correct_of_all,
        count(*) AS n_of_all
    FROM inference AS i
    JOIN (
        SELECT
            dataset, scene_id, question_index, category,
            coalesce(list_has_any(flaws, ['equivalent_option', 'two_axes', 'referent_not_unique']), false) AS ambiguous
        FROM question
    ) AS q USING (dataset, scene_id, question_index)
    WHERE i.correct IS NOT NULL
    GROUP BY i.run, q.category, i.variant, i.scene_id
), counted AS (
    SELECT
        run, category, variant,
        coalesce(sum(n), 0)::BIGINT AS n,
        coalesce(sum(correct), 0)::BIGINT AS correct,
        accuracy_end(n, correct, -1) AS ci_low,
        accuracy_end(n, correct, 1) AS ci_high,
        sum(n_dropped)::BIGINT AS n_dropped,
        sum(correct_of_all) / sum(n_of_all) AS accuracy_of_all,
        count(n) AS n_scenes
    FROM of_scene
    GROUP BY run, category, variant
)
SELECT
    c.run,
    r.model,
    c.category,
    c.variant,
    c.n,
    c.correct,
    c.correct / nullif(c.n, 0) AS accuracy,
    c.ci_low,
    c.ci_high,
    c.n_dropped,
    c.accuracy_of_all,
    c.n_scenes,
    wilson_low(c.correct, c.n) AS wilson_low,
    wilson_high(c.correct, c.n) AS wilson_high
FROM counted AS c
JOIN run AS r ON r.run = c.run;

COMMENT ON VIEW accuracy_clean IS 'One row per run, category and variant: accuracy over the questions that have one right answer (without equivalent_option, two_axes and referent_not_unique).';
COMMENT ON COLUMN accuracy_clean.ci_low IS '95% interval of the accuracy over scenes, lower end; questions of a scene may agree.';
COMMENT ON COLUMN accuracy_clean.n_dropped IS 'Graded answers to ambiguous questions, left out.';
COMMENT ON COLUMN accuracy_clean.accuracy_of_all IS 'With them.';
COMMENT ON COLUMN accuracy_clean.wilson_low IS 'Wilson 95% interval, lower end, as if questions of a scene were independent.';
