-- Answers of runs that say they keep heads or tokens, without them: no rows at all, none of a query row whose tokens are
-- known, not those of every layer, or tokens whose text is not known.
WITH asked AS (
    SELECT
        a.run, a.scene_id, a.question_index, a.variant, a.presentation, r.query_rows,
        list_contains(string_split(r.attention, ','), 'heads') AS heads,
        list_contains(string_split(r.attention, ','), 'tokens') AS tokens
    FROM answer AS a
    JOIN run AS r ON r.run = a.run
    WHERE a.intervention = 'none' AND r.kind = 'run'
), wanted AS (
    SELECT 'heads' AS kept, run, scene_id, question_index, variant, presentation, 'answer' AS query_row
    FROM asked
    WHERE heads
    UNION ALL
    SELECT DISTINCT 'heads', a.run, a.scene_id, a.question_index, a.variant, a.presentation, p.role
    FROM asked AS a
    JOIN prompt_token AS p ON p.run = a.run AND p.scene_id = a.scene_id AND p.question_index = a.question_index
        AND p.presentation = a.presentation AND list_contains(a.query_rows, p.role)
    WHERE a.heads
    UNION ALL
    SELECT 'tokens', run, scene_id, question_index, variant, presentation, ''
    FROM asked
    WHERE tokens
), found AS (
    SELECT 'heads' AS kept, run, scene_id, question_index, variant, presentation, query_row, layer
    FROM head_attention
    WHERE intervention = 'none'
    UNION ALL
    SELECT 'tokens', run, scene_id, question_index, variant, presentation, '', layer
    FROM token_attention
    WHERE intervention = 'none'
), layers AS (
    SELECT
        w.kept, w.run, w.scene_id, w.question_index, w.variant, w.query_row,
        count(f.layer) AS n, count(DISTINCT f.layer) AS n_distinct, coalesce(max(f.layer) + 1, 0) AS n_up_to_last
    FROM wanted AS w
    LEFT JOIN found AS f USING (kept, run, scene_id, question_index, variant, presentation, query_row)
    GROUP BY ALL
)
SELECT kept, run, scene_id, question_index, variant, query_row
FROM layers
QUALIFY n = 0 OR n <> n_distinct OR n <> n_up_to_last OR n <> max(n) OVER (PARTITION BY kept, run)
UNION ALL
SELECT DISTINCT 'text of tokens', run, scene_id, question_index, variant, ''
FROM attention_by_token
WHERE text IS NULL;
