-- The other runs, newest first, with how many questions and pictures both they and $run have answered.
SELECT s.run, s.model, s.state, s.accuracy_raw, coalesce(n.n_shared, 0) AS n_shared
FROM run_summary AS s
LEFT JOIN (
    SELECT theirs.run, count(*) AS n_shared
    FROM inference AS mine
    JOIN inference AS theirs USING (dataset, scene_id, question_index, variant)
    WHERE mine.run = $run AND theirs.run <> $run
    GROUP BY theirs.run
) AS n USING (run)
WHERE s.run <> $run
ORDER BY s.started_at DESC, s.run;
