-- Our own runs' masked answers on scenes that have no twin.
SELECT i.run, i.scene_id, i.question_index
FROM inference AS i
JOIN run AS r ON r.run = i.run
JOIN scene AS s ON s.dataset = i.dataset AND s.scene_id = i.scene_id
WHERE i.variant = 'masked' AND r.kind = 'run' AND NOT s.has_twin;
