CREATE OR REPLACE VIEW attention_by_token AS
WITH token AS (
    SELECT
        run, scene_id, question_index, variant, presentation, layer,
        first_token + generate_subscripts(image_mass, 1)::INTEGER - 1 AS token_index,
        unnest(image_mass) AS image_mass,
        unnest(target) AS target,
        unnest(chance) AS chance,
        unnest(distractor) AS distractor,
        unnest(arrow) AS arrow,
        unnest(removed) AS removed,
        unnest(sink) AS sink,
        unnest(rest) AS rest
    FROM token_attention
    WHERE presentation = 'plain' AND intervention = 'none'
)
SELECT
    t.run, t.scene_id, t.question_index, t.variant, t.layer, t.token_index, p.text,
    t.* EXCLUDE (run, scene_id, question_index, variant, presentation, layer, token_index)
FROM token AS t
LEFT JOIN prompt_token AS p ON p.run = t.run AND p.scene_id = t.scene_id AND p.question_index = t.question_index
    AND p.presentation = t.presentation AND p.token_index = t.token_index AND p.role = 'token';

COMMENT ON VIEW attention_by_token IS 'One row per plain answer, layer and token behind the picture of runs with --attention tokens: where the token looks, mean over heads, as shares of its attention on the picture (as in head_attention).';
COMMENT ON COLUMN attention_by_token.token_index IS 'Its place in the prompt, from 0; image tokens count.';
COMMENT ON COLUMN attention_by_token.text IS 'The characters it stands for.';
