-- Shares of heads and tokens, tokens of prompts and calibrated sinks whose answer, question or run is not in the warehouse.
SELECT 'head_attention' AS of_table, run, scene_id, question_index, variant
FROM (SELECT DISTINCT run, scene_id, question_index, variant, presentation, intervention FROM head_attention)
ANTI JOIN answer USING (run, scene_id, question_index, variant, presentation, intervention)
UNION ALL
SELECT 'token_attention', run, scene_id, question_index, variant
FROM (SELECT DISTINCT run, scene_id, question_index, variant, presentation, intervention FROM token_attention)
ANTI JOIN answer USING (run, scene_id, question_index, variant, presentation, intervention)
UNION ALL
SELECT 'prompt_token', run, scene_id, question_index, NULL
FROM (SELECT DISTINCT run, scene_id, question_index, presentation FROM prompt_token)
ANTI JOIN answer USING (run, scene_id, question_index, presentation)
UNION ALL
SELECT DISTINCT 'calibrated_sink', run, NULL, NULL, NULL
FROM calibrated_sink
ANTI JOIN run USING (run);
