-- Questions that name a scene, an entity or a relation that is not there.
SELECT q.dataset, q.scene_id, q.question_index
FROM question AS q
ANTI JOIN scene USING (dataset, scene_id)
UNION ALL
SELECT q.dataset, q.scene_id, q.question_index
FROM (SELECT dataset, scene_id, question_index, unnest(entities) AS entity_id FROM question) AS q
JOIN dataset AS d ON d.dataset = q.dataset AND d.has_annotations
ANTI JOIN entity AS e ON e.dataset = q.dataset AND e.scene_id = q.scene_id AND e.entity_id = q.entity_id
UNION ALL
SELECT q.dataset, q.scene_id, q.question_index
FROM question AS q
JOIN dataset AS d ON d.dataset = q.dataset AND d.has_annotations
ANTI JOIN relation AS r ON r.dataset = q.dataset AND r.scene_id = q.scene_id AND r.relation_index = q.relation_index
WHERE q.relation_index IS NOT NULL;
