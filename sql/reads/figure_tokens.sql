-- Where the tokens of one question of each category look, on the raw picture, in one layer: the question (where none is
-- named) in the middle of its category by the share of its strongest token on what is asked about; the layer (where none is
-- named) in which the strongest tokens of the category have the largest share on average.
WITH asked AS (
    SELECT
        q.category, t.scene_id, t.question_index, t.layer,
        list_max(t.target) AS strongest
    FROM token_attention AS t
    JOIN run AS r ON r.run = t.run
    JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = t.scene_id AND q.question_index = t.question_index
    WHERE t.run = $run AND t.variant = coalesce($variant, 'raw') AND t.presentation = 'plain' AND t.intervention = 'none'
        AND t.target IS NOT NULL
        AND ($scene_id IS NULL OR (t.scene_id = $scene_id AND t.question_index = $question_index))
), shown AS (
    SELECT category, arg_max(layer, (mean, -layer)) AS layer
    FROM (SELECT category, layer, avg(strongest) AS mean FROM asked GROUP BY category, layer)
    WHERE $layer IS NULL OR layer = $layer
    GROUP BY category
), middle AS (
    SELECT a.category, a.scene_id, a.question_index, a.layer
    FROM asked AS a
    JOIN shown AS s ON s.category = a.category AND s.layer = a.layer
    QUALIFY row_number() OVER (PARTITION BY a.category ORDER BY a.strongest, a.scene_id, a.question_index)
        = (count(*) OVER (PARTITION BY a.category) + 1) // 2
)
SELECT m.category, m.scene_id, m.question_index, m.layer, t.token_index, t.text, t.target AS share, t.chance
FROM middle AS m
JOIN attention_by_token AS t ON t.scene_id = m.scene_id AND t.question_index = m.question_index AND t.layer = m.layer
WHERE t.run = $run AND t.variant = coalesce($variant, 'raw')
ORDER BY m.category, t.token_index;
