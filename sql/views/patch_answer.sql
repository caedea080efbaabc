CREATE OR REPLACE VIEW patch_answer AS
WITH patched AS (
    SELECT
        a.run, i.experiment, a.intervention, i.control_of, i.site, i.places, i.layers, i.layer_heads, i.deepstack,
        a.dataset, a.scene_id, a.question_index, a.variant,
        if(a.variant = i.variants[1], i.variants[2], i.variants[1]) AS source_variant,
        a.choice, a.option_logprobs
    FROM answer AS a
    JOIN intervention AS i ON i.intervention = a.intervention AND i.kind = 'patch'
    WHERE a.presentation = 'plain'
), beside AS (
    SELECT
        c.* EXCLUDE (option_logprobs),
        d.choice AS plain_choice, s.choice AS source_choice,
        d.ground_truth, s.ground_truth AS source_truth,
        -- How much likelier the source's right answer is than the destination's.
        option_score(c.option_logprobs, s.ground_truth) - option_score(c.option_logprobs, d.ground_truth) AS difference,
        option_score(d.option_logprobs, s.ground_truth) - option_score(d.option_logprobs, d.ground_truth) AS plain_difference,
        option_score(s.option_logprobs, s.ground_truth) - option_score(s.option_logprobs, d.ground_truth) AS source_difference
    FROM patched AS c
    JOIN inference AS d ON d.run = c.run AND d.scene_id = c.scene_id AND d.question_index = c.question_index
        AND d.variant = c.variant
    JOIN inference AS s ON s.run = c.run AND s.scene_id = c.scene_id AND s.question_index = c.question_index
        AND s.variant = c.source_variant
)
SELECT
    b.run, b.experiment, b.intervention, b.control_of, b.site, b.places, b.layers, b.layer_heads, b.deepstack,
    b.dataset, b.scene_id, b.question_index, q.category, b.source_variant, b.variant, b.source_truth, b.ground_truth,
    b.source_choice, b.plain_choice, b.choice,
    b.choice IS DISTINCT FROM b.plain_choice AS flipped,
    b.choice IS NOT DISTINCT FROM b.source_choice AND b.choice IS DISTINCT FROM b.plain_choice AS follows,
    b.source_difference, b.plain_difference, b.difference,
    b.difference - b.plain_difference AS shift,
    b.source_difference - b.plain_difference AS gap
FROM beside AS b
LEFT JOIN question AS q ON q.dataset = b.dataset AND q.scene_id = b.scene_id AND q.question_index = b.question_index;

COMMENT ON VIEW patch_answer IS 'One row per answer given with states of another prompt, controls included, beside the plain answers on both variants.';
COMMENT ON COLUMN patch_answer.variant IS 'On which the question was asked; source_variant is the one whose states were copied, of the same scene or, for a control, of another.';
COMMENT ON COLUMN patch_answer.follows IS 'The choice is the source''s, and was not before.';
COMMENT ON COLUMN patch_answer.difference IS 'Log-probability of the source''s right answer minus that of the destination''s, at the first step; plain_difference and source_difference are those of the plain answers.';
COMMENT ON COLUMN patch_answer.shift IS 'How far the patch has moved the difference, of the gap between the two plain answers.';
