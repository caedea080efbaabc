-- What a test of all layers and categories at once is made of: by measure, category, variant and layer the sums over the
-- questions of each scene of how much more a layer has than the same answer over all layers.
WITH answer AS (
    SELECT
        q.category, a.variant, a.layer, a.scene_id, a.question_index,
        finite(a.mean_heads_entropy) AS entropy,
        finite(a.mean_heads_entropy) / ln(l.n_tokens) AS of_uniform,
        finite(a.image_mass) AS image_mass
    FROM attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    JOIN run AS r ON r.run = a.run
    JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    WHERE a.run = $run
), beyond AS (
    SELECT
        category, variant, layer, scene_id,
        entropy - avg(entropy) OVER layers AS entropy,
        of_uniform - avg(of_uniform) OVER layers AS entropy_of_uniform,
        image_mass - avg(image_mass) OVER layers AS image_mass
    FROM answer
    WINDOW layers AS (PARTITION BY scene_id, question_index, variant)
), of_scene AS (
    SELECT category, variant, layer, scene_id, sum(entropy) AS entropy, sum(entropy_of_uniform) AS entropy_of_uniform,
        sum(image_mass) AS image_mass
    FROM beyond
    GROUP BY category, variant, layer, scene_id
), told AS (
    UNPIVOT of_scene ON entropy, entropy_of_uniform, image_mass INTO NAME measure VALUE total
)
SELECT measure, category, variant, layer, list(scene_id ORDER BY scene_id) AS scenes, list(total ORDER BY scene_id) AS totals
FROM told
GROUP BY measure, category, variant, layer
ORDER BY measure, category, variant, layer;
