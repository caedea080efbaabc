-- Every head of a run by category, variant and query row: the mean of one of its measures over questions that have it, with a
-- 95% interval over scenes. $measure: a region that head_share has a column of, image_mass or entropy.
WITH measured AS (
    SELECT
        q.category, h.variant, h.query_row, h.layer, h.head, h.scene_id,
        CASE $measure
            WHEN 'target' THEN h.target
            WHEN 'distractor' THEN h.distractor
            WHEN 'arrow' THEN h.arrow
            WHEN 'removed' THEN h.removed
            WHEN 'sink' THEN h.sink
            WHEN 'rest' THEN h.rest
            WHEN 'image_mass' THEN h.image_mass
            WHEN 'entropy' THEN h.entropy
        END AS value
    FROM head_share AS h
    JOIN run AS r ON r.run = h.run
    JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = h.scene_id AND q.question_index = h.question_index
    WHERE h.run = $run
), scene AS (
    SELECT category, variant, query_row, layer, head, scene_id, count(*) AS n, sum(value)::DOUBLE AS total
    FROM measured
    WHERE value IS NOT NULL
    GROUP BY ALL
), place AS (
    SELECT category, variant, query_row, layer, head, sum(n)::BIGINT AS n, scene_moments(n, total) AS moments
    FROM scene
    GROUP BY ALL
)
SELECT
    category, variant, query_row, layer, head, n, moments.scenes AS n_scenes,
    moments.total / moments.n AS value,
    scene_mean_end(moments, -1) AS ci_low,
    scene_mean_end(moments, 1) AS ci_high
FROM place
ORDER BY category, variant, query_row, layer, head;
