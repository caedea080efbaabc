-- Do more objects in the picture make it harder?
SELECT i.run, s.n_entities, count(*) AS n, avg(i.correct::INTEGER) AS accuracy,
    wilson_low(count(*) FILTER (i.correct), count(*)) AS ci_low,
    wilson_high(count(*) FILTER (i.correct), count(*)) AS ci_high
FROM inference AS i
JOIN scene AS s USING (dataset, scene_id)
WHERE i.variant = 'raw' AND i.correct IS NOT NULL
GROUP BY i.run, s.n_entities
ORDER BY i.run, s.n_entities;
