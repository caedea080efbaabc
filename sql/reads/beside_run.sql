-- Two runs by category and over all of them (category NULL), on the questions and pictures both answered: accuracy
-- of the other run, and how many answers the one has right that the other has wrong (won) and the reverse (lost).
-- p: sign-flip test over scenes; holm_p: after Holm's correction for the categories of a variant.
WITH both_runs AS (
    SELECT q.category, a.variant, a.scene_id, a.correct AS mine, b.correct AS other
    FROM inference AS a
    JOIN inference AS b ON b.run = $other AND b.dataset = a.dataset AND b.scene_id = a.scene_id
        AND b.question_index = a.question_index AND b.variant = a.variant
    JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE a.run = $run AND a.variant IN ('raw', 'masked') AND a.correct IS NOT NULL AND b.correct IS NOT NULL
), of_scene AS (
    SELECT
        category, variant, scene_id, grouping(category) AS is_all,
        count(*) AS n, count(*) FILTER (other) AS other, count(*) FILTER (mine) AS mine,
        count(*) FILTER (mine AND NOT other) AS won, count(*) FILTER (other AND NOT mine) AS lost
    FROM both_runs
    GROUP BY GROUPING SETS ((category, variant, scene_id), (variant, scene_id))
), counted AS (
    SELECT
        is_all, category, variant, sum(n)::BIGINT AS n, sum(other) / sum(n) AS other, sum(mine) / sum(n) AS mine,
        sum(won)::BIGINT AS won, sum(lost)::BIGINT AS lost,
        difference_end(n, won - lost, -1) AS low, difference_end(n, won - lost, 1) AS high,
        sign_flip_p(won - lost) AS p
    FROM of_scene
    GROUP BY is_all, category, variant
)
SELECT
    category, variant, n, mine, other, won, lost, low, high,
    p, holm(p, list(p) OVER (PARTITION BY is_all, variant)) AS holm_p, mcnemar_p(lost, won) AS mcnemar_p
FROM counted
ORDER BY category, variant;
