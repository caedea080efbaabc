-- What of a run the study's form has no place for, and what there is of attention: answers on the blank picture,
-- masked answers without a raw one, answers with attention, the place of the image tokens in the prompt.
SELECT
    count(*) FILTER (i.variant = 'blank') AS n_blank,
    count(*) FILTER (i.variant = 'masked' AND r.run IS NULL) AS n_masked_alone,
    (SELECT count(*) FROM (SELECT DISTINCT scene_id, question_index, variant FROM attention WHERE run = $run))
        AS n_attention,
    (SELECT arg_max(vision_token_range, imported_at) FROM import_source WHERE run = $run) AS vision_token_range
FROM inference AS i
LEFT JOIN inference AS r ON r.run = i.run AND r.scene_id = i.scene_id AND r.question_index = i.question_index
    AND r.variant = 'raw'
WHERE i.run = $run;
