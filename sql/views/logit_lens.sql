CREATE OR REPLACE VIEW logit_lens AS
WITH layered AS (
    SELECT
        a.run, q.category, a.scene_id, a.question_index, a.variant, a.ground_truth, a.choice,
        generate_subscripts(a.lens_logprobs, 1)::SMALLINT - 1::SMALLINT AS layer,
        unnest(a.lens_logprobs) AS logprobs
    FROM inference AS a
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE a.lens_logprobs IS NOT NULL
), lettered AS (
    SELECT
        *,
        generate_subscripts(logprobs, 1) AS place,
        unnest(logprobs) AS logprob
    FROM layered
)
SELECT
    run, category, scene_id, question_index, variant, layer,
    CASE WHEN place = len(logprobs) THEN 'none' ELSE chr((96 + place)::INTEGER) END AS letter,
    logprob,
    letter = lower(split_part(ground_truth, ')', 1)) AS is_right,
    coalesce(letter = choice, false) AS is_chosen
FROM lettered;

COMMENT ON VIEW logit_lens IS 'One row per plain answer, layer and option of runs with --hidden answer: what the state after this layer would answer, by the model''s final norm and output matrix.';
COMMENT ON COLUMN logit_lens.layer IS 'Counts from 0; the last layer''s log-probabilities are those of the answer.';
COMMENT ON COLUMN logit_lens.letter IS 'The option''s letter, or none, as in inference.choice.';
COMMENT ON COLUMN logit_lens.logprob IS 'Log-probability among all tokens: in early layers nearly all goes to others.';
COMMENT ON COLUMN logit_lens.is_right IS 'Whether it is the right option on this variant.';
COMMENT ON COLUMN logit_lens.is_chosen IS 'Whether it is what the model answered.';
