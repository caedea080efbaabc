CREATE OR REPLACE VIEW correctness_score AS
WITH graded AS (
    SELECT i.run, q.category, i.variant, i.scene_id, i.question_index, i.correct, i.option_logprobs
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.correct IS NOT NULL
), newest AS (
    -- One way of probing whether answers are right: the newest of each kind of features.
    SELECT p.run, p.variant, p.features, arg_max(p.probe, p.started_at) AS probe
    FROM probe AS p
    WHERE (p.run, p.probe) IN (SELECT (run, probe) FROM probe_score WHERE label = 'correct')
    GROUP BY p.run, p.variant, p.features
), scored AS (
    SELECT run, scene_id, question_index, variant, 'attention entropy' AS predictor, -avg(mean_heads_entropy) AS score
    FROM attention
    GROUP BY run, scene_id, question_index, variant
    UNION ALL
    SELECT run, scene_id, question_index, variant, 'grounding', avg(entity_share)
    FROM attention_grounding_by_question
    GROUP BY run, scene_id, question_index, variant
    UNION ALL
    SELECT h.run, h.scene_id, h.question_index, h.variant, 'best heads', h.target
    FROM head_share AS h
    JOIN question AS q ON q.scene_id = h.scene_id AND q.question_index = h.question_index
        AND q.dataset = (SELECT dataset FROM run AS r WHERE r.run = h.run)
    JOIN head_best AS b ON b.run = h.run AND b.category = q.category AND b.variant = h.variant
        AND b.half = md5_number_lower(h.scene_id::VARCHAR) % 2 + 1
        AND b.query_row = h.query_row AND b.layer = h.layer AND b.head = h.head
    UNION ALL
    SELECT run, scene_id, question_index, variant, 'option margin',
        list_sort(option_logprobs, 'DESC')[1] - list_sort(option_logprobs, 'DESC')[2]
    FROM graded
    UNION ALL
    SELECT s.run, s.scene_id, s.question_index, n.variant, 'probe of ' || n.features, -s.score
    FROM probe_score AS s
    JOIN newest AS n USING (run, probe)
    WHERE s.label = 'correct'
)
SELECT g.run, g.category, g.variant, s.predictor, g.scene_id, g.question_index, g.correct, s.score
FROM graded AS g
JOIN scored AS s USING (run, scene_id, question_index, variant)
WHERE finite(s.score) IS NOT NULL;

COMMENT ON VIEW correctness_score IS 'One row per plain answer that is graded and way of telling from inside whether it is right: larger scores should mean right.';
COMMENT ON COLUMN correctness_score.predictor IS 'attention entropy: its negative, mean over layers of the mean over heads and steps; grounding: the first step''s share on what is asked about, mean over layers; best heads: the share of the head that head_best chose on the other half of the scenes; option margin: the likeliest option''s log-probability less the next one''s; probe of FEATURES: log-odds of right that a probe fitted without the answer''s fold gives (relcli probe --label correct).';
