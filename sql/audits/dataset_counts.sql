-- Data sets whose counts differ from what lies in the tables, and scenes whose counts differ from their items.
SELECT d.dataset, NULL AS scene_id, d.n_scenes AS said, count(s.scene_id) AS found
FROM dataset AS d
LEFT JOIN scene AS s USING (dataset)
GROUP BY ALL
HAVING said <> found
UNION ALL
SELECT s.dataset, s.scene_id, s.n_entities, coalesce(e.found, 0)
FROM scene AS s
LEFT JOIN (SELECT dataset, scene_id, count(*) AS found FROM entity GROUP BY ALL) AS e USING (dataset, scene_id)
WHERE s.n_entities <> coalesce(e.found, 0)
UNION ALL
SELECT s.dataset, s.scene_id, s.n_relations, coalesce(e.found, 0)
FROM scene AS s
LEFT JOIN (SELECT dataset, scene_id, count(*) AS found FROM relation GROUP BY ALL) AS e USING (dataset, scene_id)
WHERE s.n_relations <> coalesce(e.found, 0);
