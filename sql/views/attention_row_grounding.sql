CREATE OR REPLACE VIEW attention_row_grounding AS
WITH looked AS (
    SELECT
        a.run, r.dataset, a.scene_id, a.question_index, a.variant, a.query_row, a.layer, a.grid_height, a.grid_width,
        sound_vector(
            CASE WHEN a.query_row = 'answer' THEN coalesce(a.first_step, a.mean_heads) ELSE a.mean_heads END,
            a.grid_height::INTEGER * a.grid_width
        ) AS weights,
        finite(CASE WHEN a.query_row = 'answer' THEN coalesce(a.first_step_entropy, a.mean_heads_entropy)
               ELSE a.mean_heads_entropy END) AS entropy
    FROM answer_attention AS a
    JOIN run AS r ON r.run = a.run
    WHERE a.presentation = 'plain' AND a.intervention = 'none'
)
SELECT
    a.run, q.category, a.variant, a.query_row, a.layer,
    count(*) AS n,
    avg(a.entropy) AS entropy,
    avg(list_sum(a.weights)) AS image_mass,
    count(p.entity) AS n_entity,
    avg(list_dot_product(a.weights, p.entity) / nullif(list_sum(a.weights), 0)) AS entity_share,
    avg(list_avg(p.entity)) AS entity_area,
    avg(list_dot_product(a.weights, p.distractor) / nullif(list_sum(a.weights), 0)) AS distractor_share,
    avg(list_avg(p.distractor)) AS distractor_area,
    avg(list_dot_product(a.weights, p.arrow) / nullif(list_sum(a.weights), 0)) AS arrow_share,
    avg(list_avg(p.arrow)) AS arrow_area
FROM looked AS a
LEFT JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
LEFT JOIN question_region AS p ON p.dataset = a.dataset AND p.scene_id = a.scene_id
    AND p.question_index = a.question_index AND p.variant = a.variant AND p.grid_height = a.grid_height
    AND p.grid_width = a.grid_width
GROUP BY a.run, q.category, a.variant, a.query_row, a.layer;

COMMENT ON VIEW attention_row_grounding IS 'One row per run, category, variant, query row and layer: where each row looks, means over questions; the answer''s at its first step. relcli looks tests it.';
COMMENT ON COLUMN attention_row_grounding.query_row IS 'answer, or the tokens of the question of that role (prompt_token).';
COMMENT ON COLUMN attention_row_grounding.entropy IS 'Shannon entropy, natural log, of the attention normalised to sum 1.';
COMMENT ON COLUMN attention_row_grounding.n_entity IS 'Questions whose asked-about entities are in the picture: those entity_share is over.';
COMMENT ON COLUMN attention_row_grounding.entity_share IS 'Share of the attention on the picture that lies on the entities asked about; entity_area is their share of the picture.';
