-- Graded answers of our own runs whose grade is not what the chosen letter and the ground truth say.
SELECT i.run, i.scene_id, i.question_index, i.variant, i.choice, i.ground_truth, i.correct
FROM inference AS i
JOIN run AS r ON r.run = i.run
WHERE r.kind = 'run' AND i.correct IS NOT NULL AND i.ground_truth IS NOT NULL
    AND i.correct IS DISTINCT FROM (coalesce(i.choice, '') = lower(trim(i.ground_truth, ')')));
