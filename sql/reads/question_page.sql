-- A page of a run's questions, beside what was answered on each picture (raw, masked and blank in columns of
-- their own, others in a list), and what a person marked. In order, or with $sort 'unsure' and 'sure' by the probability of
-- the option chosen on $variant (those without one last), with 'category' by category. Starts after (or, with $back, before
-- and in reverse) the question ($scene_id, $question_index), with $including at it, at the first or last one without it.
-- Filters that are NULL let everything through; $status and $text speak of the answers on $variant. With $count also how
-- many there are in all, and before that question.
WITH asked AS (
    SELECT i.dataset, i.scene_id, i.question_index, i.correct, i.choice, i.answer, q.category, q.options, q.flaws, q.text,
        CASE $sort
            WHEN 'unsure' THEN coalesce(option_score(i.option_logprobs, i.choice), 1)
            WHEN 'sure' THEN coalesce(-option_score(i.option_logprobs, i.choice), 'inf')
            WHEN 'category' THEN list_position((SELECT list_sort(list_distinct(list(category))) FROM question), q.category)
            ELSE 0
        END::DOUBLE AS place
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.run = $run AND i.variant = $variant
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
    a.* EXCLUDE (scene_id, question_index), coalesce(m.marked, false) AS marked, m.note,
    if($count, (SELECT count(*) FROM matching), NULL) AS n_matching,
    if($count, (SELECT count(*) FROM matching WHERE is_before), NULL) AS n_before
FROM page AS p
JOIN question AS q USING (dataset, scene_id, question_index)
JOIN answers AS a USING (scene_id, question_index)
LEFT JOIN question_mark AS m ON m.run = $run AND m.scene_id = p.scene_id AND m.question_index = p.question_index
ORDER BY if($back, -p.place, p.place), if($back, -p.scene_id, p.scene_id), if($back, -p.question_index, p.question_index);
