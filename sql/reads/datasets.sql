-- All data sets, newest first.
SELECT
    d.dataset, d.n_scenes, d.question_sets, d.has_annotations, q.n_questions, q.categories, v.variants,
    d.source, d.seed, d.created_at
FROM dataset AS d
LEFT JOIN (
    SELECT dataset, count(*) AS n_questions, list_sort(list(DISTINCT category)) AS categories
    FROM question GROUP BY dataset
) AS q USING (dataset)
LEFT JOIN (SELECT dataset, list_sort(list(variant)) AS variants FROM variant GROUP BY dataset) AS v USING (dataset)
ORDER BY d.created_at DESC, d.dataset;
