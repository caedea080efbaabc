-- What was done to the model while it gave a run's answers.
SELECT i.*
FROM intervention AS i
SEMI JOIN (SELECT DISTINCT intervention FROM answer WHERE run = $run) AS a USING (intervention)
WHERE i.intervention <> 'none'
ORDER BY i.intervention;
