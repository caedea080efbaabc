-- Staged attention of the answers that wait for theirs.
INSERT INTO answer_attention BY NAME
SELECT a.*
FROM staged_attention AS a
SEMI JOIN waiting_answer USING (run, scene_id, question_index, variant);
