-- Accuracy on the blank picture by category, graded against the raw answers: of one run, or of the latest run of a
-- data set that has any.
WITH chosen AS (
    SELECT i.run
    FROM inference AS i
    JOIN run AS r ON r.run = i.run
    WHERE i.variant = 'blank' AND i.correct IS NOT NULL
        AND ($run IS NULL OR i.run = $run) AND ($dataset IS NULL OR i.dataset = $dataset)
        AND ($question_set IS NULL OR r.question_set = $question_set)
    GROUP BY i.run, r.started_at
    ORDER BY r.started_at DESC, i.run
    LIMIT 1
)
SELECT run, category, n, accuracy, ci_low, ci_high
FROM accuracy_by_category
JOIN chosen USING (run)
WHERE variant = 'blank';
