-- Answers of a run that have no attention.
CREATE TEMP TABLE waiting_answer AS
SELECT run, scene_id, question_index, variant
FROM inference
ANTI JOIN (SELECT DISTINCT run, scene_id, question_index, variant FROM attention WHERE run = $run) AS a
    USING (run, scene_id, question_index, variant)
WHERE run = $run;
