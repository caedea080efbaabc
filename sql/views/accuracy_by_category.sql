CREATE OR REPLACE VIEW accuracy_by_category AS
WITH of_scene AS (
    SELECT
        i.run, q.category, i.variant, i.scene_id,
        count(*) AS n,
        count(*) FILTER (i.correct) AS correct,
        count(*) FILTER (NOT q.ambiguous) AS n_clean,
        count(*) FILTER (i.correct AND NOT q.ambiguous) AS correct_clean,
        count(*) FILTER (i.choice IS NULL) AS unreadable
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
        sum(n)::BIGINT AS n,
        sum(correct)::BIGINT AS correct,
        accuracy_end(n, correct, -1) AS ci_low,
        accuracy_end(n, correct, 1) AS ci_high,
        count(*) AS n_scenes,
        sum(n_clean)::BIGINT AS n_clean,
        sum(correct_clean) / nullif(sum(n_clean), 0) AS accuracy_clean,
        sum(unreadable) / sum(n) AS unreadable
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
    c.correct / c.n AS accuracy,
    c.ci_low,
    c.ci_high,
    c.n_scenes,
    c.n_clean,
    c.accuracy_clean,
    c.unreadable,
    wilson_low(c.correct, c.n) AS wilson_low,
    wilson_high(c.correct, c.n) AS wilson_high,
    w.accuracy AS words_alone,
    w.ci_low AS words_alone_low,
    w.ci_high AS words_alone_high,
    w.n AS n_words_alone,
    w.likeliest
FROM counted AS c
JOIN run AS r ON r.run = c.run
-- Answers on the blank picture are graded against the raw truth.
LEFT JOIN words_alone AS w ON w.dataset = r.dataset AND w.question_set = r.question_set
    AND w.category = c.category AND w.variant = if(c.variant = 'blank', 'raw', c.variant);

COMMENT ON VIEW accuracy_by_category IS 'One row per run, category and variant: how many answers are right.';
COMMENT ON COLUMN accuracy_by_category.ci_low IS '95% interval of the accuracy over scenes, lower end; questions of a scene may agree.';
COMMENT ON COLUMN accuracy_by_category.ci_high IS '95% interval of the accuracy over scenes, upper end.';
COMMENT ON COLUMN accuracy_by_category.n_clean IS 'Questions with one right answer: without equivalent_option, two_axes and referent_not_unique.';
COMMENT ON COLUMN accuracy_by_category.accuracy_clean IS 'Accuracy over these; the view accuracy_clean has its interval.';
COMMENT ON COLUMN accuracy_by_category.unreadable IS 'Share of answers that choose no option and don''t say None; they count as wrong.';
COMMENT ON COLUMN accuracy_by_category.wilson_low IS 'Wilson 95% interval, lower end, as if questions of a scene were independent.';
COMMENT ON COLUMN accuracy_by_category.words_alone IS 'What a reader of the words alone scores on the data set''s questions, against the same truth; NULL where it was not measured (table words_alone).';
COMMENT ON COLUMN accuracy_by_category.words_alone_low IS '95% interval of that over scenes, lower end.';
COMMENT ON COLUMN accuracy_by_category.words_alone_high IS '95% interval of that over scenes, upper end.';
COMMENT ON COLUMN accuracy_by_category.n_words_alone IS 'Questions that reader answered; of the data set, not of the run.';
COMMENT ON COLUMN accuracy_by_category.likeliest IS 'What always giving the likeliest option scores on them.';
