-- A page of a run's questions in order, beside what was answered on each picture (raw, masked and blank in columns of
-- their own, others in a list). Starts after (or, with $back, before
-- and in reverse) the question ($scene_id, $question_index), at the first or last one without it. Filters that are NULL
-- let everything through; $status and $text speak of the answers on $variant. With $count also how many there are in all.
WITH matching AS (
    SELECT i.dataset, i.scene_id, i.question_index
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.run = $run AND i.variant = $variant
        AND ($category IS NULL OR q.category = $category)
        AND ($status IS NULL
            OR ($status = 'wrong' AND NOT i.correct)
            OR ($status = 'right' AND i.correct)
            OR ($status = 'unreadable' AND i.choice IS NULL AND len(q.options) > 0))
        AND ($flawed IS NULL
            OR ($flawed = 'yes' AND len(q.flaws) > 0)
            OR ($flawed = 'no' AND coalesce(len(q.flaws), 0) = 0)
            OR ($flawed = 'ambiguous' AND list_has_any(q.flaws, ['equivalent_option', 'two_axes', 'referent_not_unique'])))
        AND ($text IS NULL OR contains(lower(q.text), lower($text)) OR contains(lower(i.answer), lower($text)))
        AND ($change IS NULL OR (i.scene_id, i.question_index) IN (
            SELECT (raw.scene_id, raw.question_index)
            FROM inference AS raw
            JOIN inference AS masked USING (run, scene_id, question_index)
            WHERE raw.run = $run AND raw.variant = 'raw' AND masked.variant = 'masked' AND raw.correct <> masked.correct
                AND ($change = 'flipped' OR raw.correct = ($change = 'lost'))))
), page AS (
    FROM matching
    WHERE $scene_id IS NULL
        OR (NOT $back AND (scene_id, question_index) > ($scene_id, $question_index))
        OR ($back AND (scene_id, question_index) < ($scene_id, $question_index))
    ORDER BY if($back, -scene_id, scene_id), if($back, -question_index, question_index)
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
        list({'variant': i.variant, 'answer': i.answer, 'correct': i.correct} ORDER BY i.variant)
            FILTER (i.variant NOT IN ('raw', 'masked', 'blank')) AS others
    FROM inference AS i
    SEMI JOIN page USING (scene_id, question_index)
    WHERE i.run = $run
    GROUP BY i.scene_id, i.question_index
)
SELECT q.scene_id, q.question_index, q.category, q.stem, q.text, q.options, q.ground_truth, q.ground_truth_masked, q.flaws,
    a.* EXCLUDE (scene_id, question_index), if($count, (SELECT count(*) FROM matching), NULL) AS n_matching
FROM page
JOIN question AS q USING (dataset, scene_id, question_index)
JOIN answers AS a USING (scene_id, question_index)
ORDER BY if($back, -scene_id, scene_id), if($back, -question_index, question_index);
