-- Imported answers to questions the run has other answers to: how many, and the first picture.
SELECT count(*), min(i.scene_id)
FROM imported_answer AS i
JOIN inference AS k USING (run, scene_id, question_index, variant)
WHERE (i.answer, i.correct, i.ground_truth) IS DISTINCT FROM (k.answer, k.correct, k.ground_truth);
