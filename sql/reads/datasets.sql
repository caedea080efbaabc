-- All data sets, newest first.
SELECT d.dataset, d.n_scenes, d.question_sets, d.has_annotations, q.n_questions, d.source, d.seed, d.created_at
FROM dataset AS d
LEFT JOIN (SELECT dataset, count(*) AS n_questions FROM question GROUP BY dataset) AS q USING (dataset)
ORDER BY d.created_at DESC, d.dataset;
