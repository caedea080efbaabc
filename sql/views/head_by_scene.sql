CREATE OR REPLACE VIEW head_by_scene AS
WITH asked AS (
    -- The share a target would get if it got as much for its area as the other entities get for theirs.
    SELECT
        r.run, q.category, p.scene_id, p.question_index, p.variant,
        list_sum(p.entity) / nullif(list_sum(p.distractor), 0) AS times_others
    FROM run AS r
    JOIN question AS q ON q.dataset = r.dataset
    JOIN question_region AS p ON p.dataset = r.dataset AND p.scene_id = q.scene_id
        AND p.question_index = q.question_index AND p.layout = r.layout
    WHERE list_contains(string_split(r.attention, ','), 'heads')
)
SELECT
    h.run, a.category, h.variant, h.query_row, h.layer, h.head, h.scene_id,
    count(*) AS n,
    sum(h.target) AS share,
    sum(h.chance) AS chance,
    sum(h.distractor * a.times_others) AS others,
    count(h.distractor * a.times_others) AS n_others,
    sum(h.target) FILTER (h.distractor * a.times_others IS NOT NULL) AS share_beside_others,
    sum(h.entropy) AS entropy
FROM head_share AS h
JOIN asked AS a USING (run, scene_id, question_index, variant)
WHERE h.target IS NOT NULL AND h.chance IS NOT NULL
GROUP BY ALL;

COMMENT ON VIEW head_by_scene IS 'One row per run, category, variant, query row, layer, head and scene: sums over its questions whose asked-about entities are in the picture. What head_grounding and head_best stand on.';
COMMENT ON COLUMN head_by_scene.others IS 'What the target would get if it got as much for its area as the other entities; over the n_others questions that have some, as share_beside_others.';
