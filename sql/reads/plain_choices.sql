-- The questions of a run that have a plain answer, and what that chose.
SELECT scene_id, question_index, variant, choice FROM inference WHERE run = $run;
