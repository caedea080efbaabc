-- The variants a run has plain answers on: how many, the scenes, and accuracy with its standard error over scenes.
SELECT
    variant,
    sum(n)::BIGINT AS n,
    sum(n_graded)::BIGINT AS n_graded,
    list(scene_id ORDER BY scene_id) AS scenes,
    sum(correct) / nullif(sum(n_graded), 0) AS accuracy,
    clustered_error(nullif(n_graded, 0), correct) AS error,
    min(first_at) AS first_at,
    max(last_at) AS last_at
FROM (
    SELECT
        variant,
        scene_id,
        count(*) AS n,
        count(correct) AS n_graded,
        count(*) FILTER (correct) AS correct,
        min(created_at) AS first_at,
        max(created_at) AS last_at
    FROM inference
    WHERE run = $run
    GROUP BY variant, scene_id
)
GROUP BY variant
ORDER BY coalesce(list_position(['raw', 'masked', 'blank'], variant), 99), variant;
