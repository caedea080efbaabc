-- Our own runs' answers on variants that the scene has no picture of.
SELECT i.run, i.dataset, i.scene_id, i.question_index, i.variant
FROM inference AS i
JOIN run AS r ON r.run = i.run
ANTI JOIN picture AS p ON p.dataset = i.dataset AND p.scene_id = i.scene_id AND p.variant = i.variant
WHERE i.variant <> 'blank' AND r.kind = 'run';
