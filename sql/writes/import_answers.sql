-- Imported answers that the run doesn't have yet.
INSERT INTO answer BY NAME
SELECT i.*
FROM imported_answer AS i
ANTI JOIN inference USING (run, scene_id, question_index, variant);
