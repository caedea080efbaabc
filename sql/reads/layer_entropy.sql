-- How spread out a run's attention is and how much of it is on the picture, by category (NULL: all), variant and
-- layer; one row per measure. Of the mean over heads and steps. low and high: 95% interval of the mean, clustered by scene.
WITH of_scene AS (
    SELECT
        q.category, a.variant, a.layer, a.scene_id,
        scene_sums(finite(a.mean_heads_entropy)) AS entropy,
        scene_sums(finite(a.mean_heads_entropy) / ln(l.n_tokens)) AS of_uniform,
        scene_sums(finite(a.image_mass)) AS image_mass
    FROM attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    JOIN run AS r ON r.run = a.run
    JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE a.run = $run
    GROUP BY GROUPING SETS ((q.category, a.variant, a.layer, a.scene_id), (a.variant, a.layer, a.scene_id))
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
)
SELECT
    measure, category, variant, layer, n::BIGINT AS n, moments.scenes AS n_scenes, moments.total / moments.n AS value,
    sqrt(greatest(0, (squares - moments.total ^ 2 / n) / nullif(n - 1, 0))) AS sd,
    scene_mean_end(moments, -1) AS low,
    scene_mean_end(moments, 1) AS high,
    NULL::DOUBLE AS chance,
    NULL::DOUBLE AS area
FROM told
WHERE n > 0
ORDER BY measure, variant, category, layer;
