-- The attention of a spool part (part_attention), for answers that are not in yet.
INSERT INTO answer_attention BY NAME
SELECT a.*
FROM part_attention AS a
ANTI JOIN answer USING (run, scene_id, question_index, variant, presentation, intervention);
