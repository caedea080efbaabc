-- How much of each category is flawed, and by what? A question may have several flaws.
SELECT q.dataset, q.question_set, q.category, a.flaw,
    count(*) AS n_flawed,
    any_value(t.n) AS n_questions,
    count(*) / any_value(t.n) AS share
FROM question_audit AS a
JOIN question AS q USING (dataset, scene_id, question_index)
JOIN (SELECT dataset, question_set, category, count(*) AS n FROM question GROUP BY ALL) AS t
    ON t.dataset = q.dataset AND t.question_set = q.question_set AND t.category = q.category
GROUP BY q.dataset, q.question_set, q.category, a.flaw
ORDER BY q.dataset, q.question_set, q.category, share DESC;
