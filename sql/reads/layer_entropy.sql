-- How spread out a run's attention is and how much of it is on the picture, by category (NULL: all), variant and
-- layer; one row per measure. Of the mean over heads and steps. low and high: 95% interval of the mean, clustered by scene.
-- $row: whose attention (where none is given the answer's). $with_scenes: with what a test of all layers and categories at once is made
-- of, the scenes and for each of them the sum over its questions of how much more a layer has than the same answer over all layers.
WITH answer AS (
    SELECT
        q.category, a.variant, a.layer, a.scene_id, a.question_index,
        finite(a.mean_heads_entropy) AS entropy,
        finite(a.mean_heads_entropy) / ln(l.n_tokens) AS of_uniform,
        finite(a.image_mass) AS image_mass
    FROM answer_attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    JOIN run AS r ON r.run = a.run
    JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE a.run = $run AND a.query_row = coalesce($row, 'answer') AND a.presentation = 'plain' AND a.intervention = 'none'
), of_scene AS (
    SELECT
        category, variant, layer, scene_id,
        scene_sums(entropy) AS entropy,
        scene_sums(of_uniform) AS of_uniform,
        scene_sums(image_mass) AS image_mass
    FROM answer
    GROUP BY GROUPING SETS ((category, variant, layer, scene_id), (variant, layer, scene_id))
), mean AS (
    SELECT
        category, variant, layer,
        sum(entropy.n) AS n_entropy, scene_moments(entropy.n, entropy.total) AS entropy,
        sum(entropy.squares) AS squares_entropy,
        sum(of_uniform.n) AS n_of_uniform, scene_moments(of_uniform.n, of_uniform.total) AS of_uniform,
        sum(of_uniform.squares) AS squares_of_uniform,
        sum(image_mass.n) AS n_image_mass, scene_moments(image_mass.n, image_mass.total) AS image_mass,
        sum(image_mass.squares) AS squares_image_mass
    FROM of_scene
    GROUP BY category, variant, layer
), told AS (
    UNPIVOT mean ON
        (n_entropy, entropy, squares_entropy) AS 'entropy',
        (n_of_uniform, of_uniform, squares_of_uniform) AS 'entropy_of_uniform',
        (n_image_mass, image_mass, squares_image_mass) AS 'image_mass'
    INTO NAME measure VALUE n, moments, squares
), beyond AS (
    SELECT
        category, variant, layer, scene_id,
        entropy - avg(entropy) OVER layers AS entropy,
        of_uniform - avg(of_uniform) OVER layers AS entropy_of_uniform,
        image_mass - avg(image_mass) OVER layers AS image_mass
    FROM answer
    WHERE $with_scenes
    WINDOW layers AS (PARTITION BY scene_id, question_index, variant)
), tested AS (
    SELECT measure, category, variant, layer, list(scene_id ORDER BY scene_id) AS scenes, list(total ORDER BY scene_id) AS totals
    FROM (
        UNPIVOT (
            SELECT category, variant, layer, scene_id, sum(entropy) AS entropy, sum(entropy_of_uniform) AS entropy_of_uniform,
                sum(image_mass) AS image_mass
            FROM beyond
            GROUP BY category, variant, layer, scene_id
        ) ON entropy, entropy_of_uniform, image_mass INTO NAME measure VALUE total
    )
    GROUP BY measure, category, variant, layer
)
SELECT COLUMNS(lambda name: coalesce($with_scenes, false) OR name NOT IN ('scenes', 'totals'))
FROM (
    SELECT
        measure, category, variant, layer, n::BIGINT AS n, moments.scenes AS n_scenes, moments.total / moments.n AS value,
        CASE WHEN n > 1 AND squares IS NOT NULL THEN sqrt(greatest(0, squares - moments.total ^ 2 / n) / (n - 1)) END AS sd,
        scene_mean_end(moments, -1) AS low,
        scene_mean_end(moments, 1) AS high,
        NULL::DOUBLE AS chance,
        NULL::DOUBLE AS area,
        t.scenes,
        t.totals
    FROM told
    LEFT JOIN tested AS t USING (measure, category, variant, layer)
    WHERE n > 0
)
ORDER BY measure, variant, category, layer;
