-- Where the heads of a spool part's answers look (part_head_attention), for answers that are not in yet.
INSERT INTO head_attention BY NAME
SELECT a.*
FROM part_head_attention AS a
ANTI JOIN answer USING (run, scene_id, question_index, variant, presentation, intervention);
