-- A page of a run's questions, beside what was answered on each picture (raw, masked and blank in columns of
-- their own, others in a list), by another run ($other, on $variant), and what a person marked. $sort: by the probability
-- of the option chosen on $variant ('unsure', 'sure'; those without one last), by how far attention moves from the raw to
-- the masked picture ('moved', the farthest first), by how much more of it on $variant lies on what is asked about than
-- chance gives ('grounded', 'ungrounded'; both mean over layers, those without last), by 'category', else by scene. Starts
-- after (or, with $back, before and in reverse) the question ($scene_id, $question_index), with $including at it, at the
-- first or last one without it. Filters that are NULL let everything through; $status and $text speak of the answers on
-- $variant, $differ of those and $other's ('answer': another choice; 'correct': one is right and the other wrong; 'both':
-- it has an answer at all). The scene has from $objects_least to $objects_most objects, arrows likewise, and an object of
-- each of $colors and $shapes. With $count also how many there are in all, and before that question.
WITH score AS (
    -- As words, so that these views, which take longer to plan than all else, are planned only when they are asked for.
    SELECT scene_id, question_index, avg(value) AS place
    FROM query(CASE $sort
        WHEN 'moved' THEN 'SELECT run, NULL AS variant, scene_id, question_index, -l1 AS value FROM attention_shift'
        WHEN 'grounded' THEN 'SELECT *, elsewhere_share - entity_share AS value FROM attention_grounding_by_question'
        WHEN 'ungrounded' THEN 'SELECT *, entity_share - elsewhere_share AS value FROM attention_grounding_by_question'
        ELSE 'SELECT NULL AS run, NULL AS variant, 0 AS scene_id, 0 AS question_index, 0.0 AS value WHERE false'
    END)
    WHERE run = $run AND ($sort = 'moved' OR variant = $variant)
    GROUP BY scene_id, question_index
), asked AS (
    SELECT i.dataset, i.scene_id, i.question_index, i.correct, i.choice, i.answer, q.category, q.options, q.flaws, q.text,
        CASE $sort
            WHEN 'unsure' THEN coalesce(option_score(i.option_logprobs, i.choice), 1)
            WHEN 'sure' THEN coalesce(-option_score(i.option_logprobs, i.choice), 'inf')
            WHEN 'moved' THEN coalesce(s.place, 'inf')
            WHEN 'grounded' THEN coalesce(s.place, 'inf')
            WHEN 'ungrounded' THEN coalesce(s.place, 'inf')
            WHEN 'category' THEN list_position((SELECT list_sort(list_distinct(list(category))) FROM question), q.category)
            ELSE 0
        END::DOUBLE AS place
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    LEFT JOIN score AS s USING (scene_id, question_index)
    WHERE i.run = $run AND i.variant = $variant
), scene_found AS (
    SELECT dataset, scene_id
    FROM (SELECT dataset, scene_id, count(*) AS n, list(color) AS colors, list(shape) AS shapes FROM entity GROUP BY ALL)
    LEFT JOIN (SELECT dataset, scene_id, count(*) AS n_arrows FROM relation WHERE explicit GROUP BY ALL)
        USING (dataset, scene_id)
    WHERE n BETWEEN coalesce($objects_least, 0) AND coalesce($objects_most, 1000000)
        AND coalesce(n_arrows, 0) BETWEEN coalesce($arrows_least, 0) AND coalesce($arrows_most, 1000000)
        AND ($colors IS NULL OR list_has_all(colors, $colors::VARCHAR[]))
        AND ($shapes IS NULL OR list_has_all(shapes, $shapes::VARCHAR[]))
), theirs AS (
    SELECT scene_id, question_index, dataset, answer, choice, correct
    FROM inference
    WHERE run = $other AND variant = $variant
), edge AS (
    SELECT coalesce(
        (SELECT max(place) FROM asked WHERE scene_id = $scene_id AND question_index = $question_index), 0) AS place
), matching AS (
    SELECT i.dataset, i.scene_id, i.question_index, i.place,
        (i.place, i.scene_id, i.question_index) < (e.place, $scene_id, $question_index) AS is_before,
        (i.place, i.scene_id, i.question_index) > (e.place, $scene_id, $question_index) AS is_after
    FROM asked AS i, edge AS e
    WHERE ($category IS NULL OR i.category = $category)
        AND ($status IS NULL
            OR ($status = 'wrong' AND NOT i.correct)
            OR ($status = 'right' AND i.correct)
            OR ($status = 'unreadable' AND i.choice IS NULL AND len(i.options) > 0))
        AND ($flawed IS NULL
            OR ($flawed = 'yes' AND len(i.flaws) > 0)
            OR ($flawed = 'no' AND coalesce(len(i.flaws), 0) = 0)
            OR ($flawed = 'ambiguous' AND list_has_any(i.flaws, ['equivalent_option', 'two_axes', 'referent_not_unique'])))
        AND ($text IS NULL OR contains(lower(i.text), lower($text)) OR contains(lower(i.answer), lower($text)))
        AND ($marked IS NULL OR (i.scene_id, i.question_index) IN (
            SELECT (scene_id, question_index) FROM question_mark WHERE run = $run AND (marked OR note IS NOT NULL)))
        AND ($differ IS NULL OR EXISTS (
            FROM theirs AS t
            WHERE t.dataset = i.dataset AND t.scene_id = i.scene_id AND t.question_index = i.question_index
                AND ($differ = 'both'
                    OR ($differ = 'answer' AND coalesce(t.choice, t.answer) IS DISTINCT FROM coalesce(i.choice, i.answer))
                    OR ($differ = 'correct' AND t.correct <> i.correct))))
        AND (coalesce($objects_least, $objects_most, $arrows_least, $arrows_most) IS NULL AND $colors IS NULL AND $shapes IS NULL
            OR (i.dataset, i.scene_id) IN (SELECT (dataset, scene_id) FROM scene_found))
        AND ($change IS NULL OR (i.scene_id, i.question_index) IN (
            SELECT (raw.scene_id, raw.question_index)
            FROM inference AS raw
            JOIN inference AS masked USING (run, scene_id, question_index)
            WHERE raw.run = $run AND raw.variant = 'raw' AND masked.variant = 'masked' AND raw.correct <> masked.correct
                AND ($change = 'flipped' OR raw.correct = ($change = 'lost'))))
), page AS (
    FROM matching
    WHERE $scene_id IS NULL
        OR (NOT $back AND is_after)
        OR ($back AND is_before)
        OR ($including AND NOT is_before AND NOT is_after)
    ORDER BY if($back, -place, place), if($back, -scene_id, scene_id), if($back, -question_index, question_index)
    LIMIT $n
), answers AS (
    SELECT
        i.scene_id,
        i.question_index,
        max(i.answer) FILTER (i.variant = 'raw') AS raw,
        bool_and(i.correct) FILTER (i.variant = 'raw') AS raw_correct,
        max(i.answer) FILTER (i.variant = 'masked') AS masked,
        bool_and(i.correct) FILTER (i.variant = 'masked') AS masked_correct,
        max(i.answer) FILTER (i.variant = 'blank') AS blank,
        bool_and(i.correct) FILTER (i.variant = 'blank') AS blank_correct,
        max(exp(option_score(i.option_logprobs, i.choice))) FILTER (i.variant = $variant) AS sure,
        list({'variant': i.variant, 'answer': i.answer, 'correct': i.correct} ORDER BY i.variant)
            FILTER (i.variant NOT IN ('raw', 'masked', 'blank')) AS others
    FROM inference AS i
    SEMI JOIN page USING (scene_id, question_index)
    WHERE i.run = $run
    GROUP BY i.scene_id, i.question_index
)
SELECT q.scene_id, q.question_index, q.category, q.stem, q.text, q.options, q.ground_truth, q.ground_truth_masked, q.flaws,
    a.* EXCLUDE (scene_id, question_index), coalesce(t.choice, t.answer) AS other, t.correct AS other_correct,
    coalesce(m.marked, false) AS marked, m.note,
    if($count, (SELECT count(*) FROM matching), NULL) AS n_matching,
    if($count, (SELECT count(*) FROM matching WHERE is_before), NULL) AS n_before
FROM page AS p
JOIN question AS q USING (dataset, scene_id, question_index)
JOIN answers AS a USING (scene_id, question_index)
LEFT JOIN theirs AS t ON t.dataset = p.dataset AND t.scene_id = p.scene_id AND t.question_index = p.question_index
LEFT JOIN question_mark AS m ON m.run = $run AND m.scene_id = p.scene_id AND m.question_index = p.question_index
ORDER BY if($back, -p.place, p.place), if($back, -p.scene_id, p.scene_id), if($back, -p.question_index, p.question_index);
