-- Where the tokens of a spool part's answers look (part_token_attention), for answers that are not in yet.
INSERT INTO token_attention BY NAME
SELECT a.*
FROM part_token_attention AS a
ANTI JOIN answer USING (run, scene_id, question_index, variant, presentation, intervention);
