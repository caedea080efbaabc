-- Does the model lean towards a letter? What it chose beside what was right, on the raw picture.
SELECT i.run, q.category, coalesce(i.choice, '(unreadable)') AS letter,
    count(*) AS chosen,
    count(*) FILTER (i.correct) AS chosen_rightly,
    count(*) / sum(count(*)) OVER (PARTITION BY i.run, q.category) AS share
FROM inference AS i
JOIN question AS q USING (dataset, scene_id, question_index)
WHERE i.variant = 'raw'
GROUP BY i.run, q.category, letter
ORDER BY i.run, q.category, letter;
