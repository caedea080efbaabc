-- Answers given while a model was interfered with in one way (table intervention), controls included, beside the plain
-- answers to the same questions.
CREATE OR REPLACE MACRO edited_answer(of_kind) AS TABLE
WITH told AS (
    SELECT
        run, dataset, scene_id, question_index, variant, intervention, choice, correct, ground_truth,
        option_log_odds(option_logprobs, ground_truth) AS log_odds
    FROM answer
    WHERE presentation = 'plain' AND run IN (SELECT DISTINCT run FROM answer WHERE intervention <> 'none')
)
SELECT
    c.run, i.experiment, c.intervention, i.control_of, i.region, i.from_rows, i.layers, i.layer_heads,
    c.dataset, c.scene_id, c.question_index, q.category, c.variant, c.ground_truth,
    p.choice AS plain_choice,
    c.choice,
    c.choice IS DISTINCT FROM p.choice AS flipped,
    p.correct AS plain_correct,
    c.correct,
    p.log_odds AS plain_log_odds,
    c.log_odds,
    c.log_odds - p.log_odds AS change
FROM told AS c
JOIN intervention AS i ON i.intervention = c.intervention AND i.kind = of_kind
JOIN told AS p ON p.intervention = 'none' AND p.run = c.run AND p.scene_id = c.scene_id
    AND p.question_index = c.question_index AND p.variant = c.variant
LEFT JOIN question AS q ON q.dataset = c.dataset AND q.scene_id = c.scene_id AND q.question_index = c.question_index;
COMMENT ON MACRO TABLE edited_answer IS 'Answers under interventions of one kind (knock-out, steer, ...), beside the plain answers to the same questions.';
