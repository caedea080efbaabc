-- Answers that name another data set than their run.
SELECT i.run, i.dataset, r.dataset AS dataset_of_run, i.scene_id, i.question_index
FROM inference AS i
JOIN run AS r ON r.run = i.run
WHERE i.dataset <> r.dataset;
