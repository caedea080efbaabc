-- The experiments of a run, or of all runs: what was done, in how many steps and controls, and how many answers there are.
SELECT
    a.run, i.experiment, i.kind, any_value(i.target) FILTER (i.control_of IS NULL) AS target,
    count(DISTINCT a.intervention) FILTER (i.control_of IS NULL) AS steps,
    count(DISTINCT a.intervention) FILTER (i.control_of IS NOT NULL) AS controls,
    count(*) AS answers,
    min(i.created_at) AS created_at
FROM answer AS a
JOIN intervention AS i USING (intervention)
WHERE i.kind <> 'none' AND a.run = coalesce($run, a.run)
GROUP BY a.run, i.experiment, i.kind
ORDER BY a.run, created_at, i.experiment;
