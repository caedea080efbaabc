-- Answers of runs with attention that lack a layer, have one twice, or have another number of layers than the run.
WITH per_answer AS (
    SELECT i.run, i.scene_id, i.question_index, i.variant, count(a.layer) AS n, count(DISTINCT a.layer) AS n_distinct,
        coalesce(max(a.layer) + 1, 0) AS n_up_to_last
    FROM inference AS i
    JOIN run AS r ON r.run = i.run AND r.attention <> 'none' AND r.kind = 'run'
    LEFT JOIN attention AS a ON a.run = i.run AND a.scene_id = i.scene_id AND a.question_index = i.question_index
        AND a.variant = i.variant
    GROUP BY ALL
)
FROM per_answer
QUALIFY n <> n_distinct OR n <> n_up_to_last OR n = 0 OR n <> max(n) OVER (PARTITION BY run);
