-- How far a run's attention moves from the raw to the masked picture, by category (NULL: all) and layer; one row per
-- measure of attention_shift, over twins that differ. $vector: mean_heads, the mean over steps (where none is given), or
-- first_step. low and high: 95% interval of the mean, clustered by scene.
-- $row: whose attention (where none is given the answer's). $with_scenes: with what a test of all layers and categories at once is made
-- of, the scenes and for each of them the sum over its questions of how much more a layer's attention moves than all layers'.
WITH moved AS (
    SELECT category, layer, scene_id, question_index, l1, l2, kl, cosine
    FROM attention_shift_of(coalesce($vector, 'mean_heads'))
    WHERE run = $run AND category IS NOT NULL AND twin_changed IS DISTINCT FROM false AND coalesce($row, 'answer') = 'answer'
    UNION ALL BY NAME
    SELECT category, layer, scene_id, question_index, l1, l2, kl, cosine
    FROM attention_row_shift_by_question_of([$run], [$row])
    WHERE category IS NOT NULL AND twin_changed IS DISTINCT FROM false AND $row <> 'answer'
), of_scene AS (
    SELECT
        category, layer, scene_id,
        scene_sums(l1) AS l1,
        scene_sums(l2) AS l2,
        scene_sums(kl) AS kl,
        scene_sums(cosine) AS cosine
    FROM moved
    GROUP BY GROUPING SETS ((category, layer, scene_id), (layer, scene_id))
), mean AS (
    SELECT
        category, layer,
        sum(l1.n) AS n_l1, scene_moments(l1.n, l1.total) AS l1,
        sum(l1.squares) AS squares_l1,
        sum(l2.n) AS n_l2, scene_moments(l2.n, l2.total) AS l2,
        sum(l2.squares) AS squares_l2,
        sum(kl.n) AS n_kl, scene_moments(kl.n, kl.total) AS kl,
        sum(kl.squares) AS squares_kl,
        sum(cosine.n) AS n_cosine, scene_moments(cosine.n, cosine.total) AS cosine,
        sum(cosine.squares) AS squares_cosine
    FROM of_scene
    GROUP BY category, layer
), told AS (
    UNPIVOT mean ON
        (n_l1, l1, squares_l1) AS 'l1',
        (n_l2, l2, squares_l2) AS 'l2',
        (n_kl, kl, squares_kl) AS 'kl',
        (n_cosine, cosine, squares_cosine) AS 'cosine'
    INTO NAME measure VALUE n, moments, squares
), beyond AS (
    SELECT
        category, layer, scene_id,
        l1 - avg(l1) OVER question AS l1,
        l2 - avg(l2) OVER question AS l2,
        kl - avg(kl) OVER question AS kl,
        cosine - avg(cosine) OVER question AS cosine
    FROM moved
    WHERE $with_scenes
    WINDOW question AS (PARTITION BY scene_id, question_index)
), tested AS (
    SELECT measure, category, layer, list(scene_id ORDER BY scene_id) AS scenes, list(total ORDER BY scene_id) AS totals
    FROM (
        UNPIVOT (
            SELECT category, layer, scene_id, sum(l1) AS l1, sum(l2) AS l2, sum(kl) AS kl, sum(cosine) AS cosine
            FROM beyond
            GROUP BY category, layer, scene_id
        ) ON l1, l2, kl, cosine INTO NAME measure VALUE total
    )
    GROUP BY measure, category, layer
)
SELECT COLUMNS(lambda name: coalesce($with_scenes, false) OR name NOT IN ('scenes', 'totals'))
FROM (
    SELECT
        measure, category, NULL::VARCHAR AS variant, layer, n::BIGINT AS n, moments.scenes AS n_scenes, moments.total / moments.n AS value,
        CASE WHEN n > 1 AND squares IS NOT NULL THEN sqrt(greatest(0, squares - moments.total ^ 2 / n) / (n - 1)) END AS sd,
        scene_mean_end(moments, -1) AS low,
        scene_mean_end(moments, 1) AS high,
        NULL::DOUBLE AS chance,
        NULL::DOUBLE AS area,
        t.scenes,
        t.totals
    FROM told
    LEFT JOIN tested AS t USING (measure, category, layer)
    WHERE n > 0
)
ORDER BY measure, category, layer;
