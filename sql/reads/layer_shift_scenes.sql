-- What a test of all layers and categories at once is made of: by measure, category and layer the sums over the questions of
-- each scene of how much more a layer's attention moves than the same question's over all layers. $vector as in layer_shift.
WITH beyond AS (
    SELECT
        category, layer, scene_id,
        l1 - avg(l1) OVER question AS l1,
        l2 - avg(l2) OVER question AS l2,
        kl - avg(kl) OVER question AS kl,
        cosine - avg(cosine) OVER question AS cosine
    FROM attention_shift_of(coalesce($vector, 'mean_heads'))
    WHERE run = $run AND category IS NOT NULL AND twin_changed IS DISTINCT FROM false
    WINDOW question AS (PARTITION BY scene_id, question_index)
), of_scene AS (
    SELECT category, layer, scene_id, sum(l1) AS l1, sum(l2) AS l2, sum(kl) AS kl, sum(cosine) AS cosine
    FROM beyond
    GROUP BY category, layer, scene_id
), told AS (
    UNPIVOT of_scene ON l1, l2, kl, cosine INTO NAME measure VALUE total
)
SELECT measure, category, NULL::VARCHAR AS variant, layer, list(scene_id ORDER BY scene_id) AS scenes,
    list(total ORDER BY scene_id) AS totals
FROM told
GROUP BY measure, category, layer
ORDER BY measure, category, layer;
