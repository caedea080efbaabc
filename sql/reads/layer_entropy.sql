-- How spread out a run's attention is and how much of it is on the picture, by category (NULL: all), variant and
-- layer; one row per measure. low and high: 95% interval of the mean, answers taken as independent.
WITH answer AS (
    SELECT
        q.category, a.variant, a.layer,
        a.mean_heads_entropy AS entropy,
        a.mean_heads_entropy / ln(l.n_tokens) AS of_uniform,
        a.image_mass
    FROM attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    JOIN run AS r ON r.run = a.run
    JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE a.run = $run
), mean AS (
    SELECT
        category, variant, layer,
        count(entropy) AS n_entropy, avg(entropy) AS entropy, stddev_samp(entropy) AS sd_entropy,
        count(of_uniform) AS n_of_uniform, avg(of_uniform) AS of_uniform, stddev_samp(of_uniform) AS sd_of_uniform,
        count(image_mass) AS n_image_mass, avg(image_mass) AS image_mass, stddev_samp(image_mass) AS sd_image_mass
    FROM answer
    GROUP BY GROUPING SETS ((category, variant, layer), (variant, layer))
), told AS (
    UNPIVOT mean ON
        (n_entropy, entropy, sd_entropy) AS 'entropy',
        (n_of_uniform, of_uniform, sd_of_uniform) AS 'entropy_of_uniform',
        (n_image_mass, image_mass, sd_image_mass) AS 'image_mass'
    INTO NAME measure VALUE n, value, sd
)
SELECT
    measure, category, variant, layer, n, value, sd,
    value - 1.96 * sd / sqrt(n) AS low,
    value + 1.96 * sd / sqrt(n) AS high,
    NULL::DOUBLE AS chance
FROM told
WHERE n > 0
ORDER BY measure, variant, category, layer;
