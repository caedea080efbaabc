-- How quickly a model answered before: per run, newest first, answers a second while it was at it (from one chunk's end
-- to the next; breaks of over ten times the usual and what it took to load don't count), and what it kept per answer.
WITH chunk AS (
    SELECT run, created_at, count(*) AS n
    FROM inference
    WHERE run IN (SELECT run FROM run WHERE model = $model AND kind = 'run') AND created_at IS NOT NULL
    GROUP BY run, created_at
), gap AS (
    SELECT run, n, epoch(created_at - lag(created_at) OVER (PARTITION BY run ORDER BY created_at)) AS seconds
    FROM chunk
), usual AS (
    SELECT *, median(seconds) OVER (PARTITION BY run) AS usual FROM gap WHERE seconds IS NOT NULL
), speed AS (
    SELECT run, sum(n) / nullif(sum(seconds), 0) AS answers_per_second, sum(n)::BIGINT AS n_timed
    FROM usual
    WHERE seconds <= 10 * usual
    GROUP BY run
), kept AS (
    SELECT run, max(layer) + 1 AS layers, max(l.n_tokens) AS cells
    FROM attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    WHERE run IN (SELECT run FROM run WHERE model = $model)
    GROUP BY run
)
SELECT r.run, r.device, r.attention, s.answers_per_second, s.n_timed, k.layers, k.cells
FROM run AS r
LEFT JOIN speed AS s USING (run)
LEFT JOIN kept AS k USING (run)
WHERE r.model = $model AND r.kind = 'run'
ORDER BY s.answers_per_second IS NULL, r.started_at DESC, r.run;
