-- Within one category of one run, by what the right answer is (a relation, a direction, a number, Yes or No):
-- accuracy per variant, and what was said most often instead on the raw picture.
WITH asked AS (
    SELECT
        q.scene_id, q.question_index, q.category, q.options, i.variant, i.correct, i.choice,
        if(q.ground_truth LIKE '_)', q.options[ascii(lower(q.ground_truth)) - 96], NULL) AS truth,
        if(len(i.choice) = 1, q.options[ascii(i.choice) - 96], NULL) AS said,
        r.relation
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    LEFT JOIN relation AS r ON r.dataset = q.dataset AND r.scene_id = q.scene_id AND r.relation_index = q.relation_index
    WHERE i.run = $run AND q.category = $category AND i.correct IS NOT NULL
), named AS (
    SELECT
        * EXCLUDE (truth, said),
        CASE
            WHEN truth IS NULL THEN 'none of the options'
            WHEN category = 'implicit_spatial' THEN coalesce(nullif(regexp_extract(truth, '^(above|below|to the (left|right) of)', 1), ''), truth)
            WHEN category = 'explicit_arrow_direction' THEN 'an arrow that points ' || coalesce(
                map {'above': 'up', 'below': 'down', 'left_of': 'left', 'right_of': 'right'}[relation], 'somewhere')
            WHEN category = 'explicit_connection' THEN len(string_split(truth, ' and ')) || ' connected'
            ELSE truth
        END AS item,
        CASE
            WHEN choice = 'none' THEN 'None'
            WHEN said IS NULL THEN 'unreadable'
            WHEN category = 'implicit_spatial' THEN coalesce(nullif(regexp_extract(said, '^(above|below|to the (left|right) of)', 1), ''), said)
            WHEN category IN ('explicit_arrow_direction', 'explicit_connection') THEN 'another option'
            ELSE said
        END AS instead
    FROM asked
)
SELECT
    item,
    count(*) FILTER (variant = 'raw') AS n_raw,
    count(*) FILTER (variant = 'raw' AND correct) / nullif(count(*) FILTER (variant = 'raw'), 0) AS raw,
    wilson_low(count(*) FILTER (variant = 'raw' AND correct), count(*) FILTER (variant = 'raw')) AS raw_low,
    wilson_high(count(*) FILTER (variant = 'raw' AND correct), count(*) FILTER (variant = 'raw')) AS raw_high,
    count(*) FILTER (variant = 'masked' AND correct) / nullif(count(*) FILTER (variant = 'masked'), 0) AS masked,
    count(*) FILTER (variant = 'raw' AND NOT correct) AS n_wrong,
    mode(instead ORDER BY instead) FILTER (variant = 'raw' AND NOT correct) AS instead,
FROM named
GROUP BY item
ORDER BY raw NULLS LAST, item;
