-- Within one category of one run, by what the right answer is (a relation, a direction, a number, Yes or No):
-- accuracy per variant (raw: with its 95% interval over scenes), and what was said most often instead on the raw picture.
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
), of_scene AS (
    SELECT
        item, scene_id,
        -- NULL, not 0, where a scene has none: the interval is over scenes that have
        nullif(count(*) FILTER (variant = 'raw'), 0) AS n_raw,
        CASE WHEN n_raw > 0 THEN count(*) FILTER (variant = 'raw' AND correct) END AS k_raw,
        count(*) FILTER (variant = 'masked') AS n_masked,
        count(*) FILTER (variant = 'masked' AND correct) AS k_masked
    FROM named
    GROUP BY item, scene_id
), counted AS (
    SELECT
        item,
        coalesce(sum(n_raw), 0)::BIGINT AS n_raw,
        sum(k_raw) / sum(n_raw) AS raw,
        accuracy_end(n_raw, k_raw, -1) AS raw_low,
        accuracy_end(n_raw, k_raw, 1) AS raw_high,
        sum(k_masked) / nullif(sum(n_masked), 0) AS masked
    FROM of_scene
    GROUP BY item
)
SELECT
    c.*,
    count(*) FILTER (n.variant = 'raw' AND NOT n.correct) AS n_wrong,
    mode(n.instead ORDER BY n.instead) FILTER (n.variant = 'raw' AND NOT n.correct) AS instead
FROM counted AS c
JOIN named AS n USING (item)
GROUP BY ALL
ORDER BY raw NULLS LAST, item;
