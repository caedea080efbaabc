-- Two runs by category and over all of them (category NULL), on the questions and pictures both answered: accuracy
-- of the other run, and how many answers the one has right that the other has wrong (won) and the reverse (lost).
WITH both_runs AS (
    SELECT q.category, a.variant, a.correct AS mine, b.correct AS other
    FROM inference AS a
    JOIN inference AS b ON b.run = $other AND b.dataset = a.dataset AND b.scene_id = a.scene_id
        AND b.question_index = a.question_index AND b.variant = a.variant
    JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE a.run = $run AND a.variant IN ('raw', 'masked') AND a.correct IS NOT NULL AND b.correct IS NOT NULL
), counted AS (
    SELECT category, variant, count(*) AS n, count(*) FILTER (other) / count(*) AS other,
        count(*) FILTER (mine) / count(*) AS mine, count(*) FILTER (mine AND NOT other) AS won,
        count(*) FILTER (other AND NOT mine) AS lost
    FROM both_runs
    GROUP BY GROUPING SETS ((category, variant), (variant))
)
SELECT category, variant, n, mine, other, won, lost, mcnemar_p(lost, won) AS mcnemar_p
FROM counted
ORDER BY category, variant;
