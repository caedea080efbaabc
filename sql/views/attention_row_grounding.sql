CREATE OR REPLACE VIEW attention_row_grounding AS
WITH looked AS (
    SELECT
        a.run, r.dataset, a.scene_id, a.question_index, a.variant, a.query_row, a.layer, l.layout, l.lefts, l.n_placed,
        sound_vector(
            looking_vector(a.query_row, a.answer_step, a.first_step, a.mean_heads),
            l.n_tokens
        ) AS weights,
        finite(looking_vector(a.query_row, a.answer_step_entropy, a.first_step_entropy, a.mean_heads_entropy)) AS entropy
    FROM answer_attention AS a
    JOIN run AS r ON r.run = a.run
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    WHERE a.presentation = 'plain' AND a.intervention = 'none'
)
SELECT
    a.run, q.category, a.variant, a.query_row, a.layer,
    count(*) AS n,
    avg(a.entropy) AS entropy,
    avg(list_sum(a.weights)) AS image_mass,
    count(p.entity) AS n_entity,
    avg(list_dot_product(a.placed, p.entity) / nullif(list_sum(a.placed), 0)) AS entity_share,
    avg(list_sum(p.entity) / a.n_placed) AS entity_area,
    avg(list_dot_product(a.placed, p.distractor) / nullif(list_sum(a.placed), 0)) AS distractor_share,
    avg(list_sum(p.distractor) / a.n_placed) AS distractor_area,
    avg(list_dot_product(a.placed, p.arrow) / nullif(list_sum(a.placed), 0)) AS arrow_share,
    avg(list_sum(p.arrow) / a.n_placed) AS arrow_area
FROM (SELECT *, placed_weights(weights, lefts, n_placed) AS placed FROM looked) AS a
LEFT JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
LEFT JOIN question_region AS p ON p.dataset = a.dataset AND p.scene_id = a.scene_id
    AND p.question_index = a.question_index AND p.variant = a.variant AND p.layout = a.layout
GROUP BY a.run, q.category, a.variant, a.query_row, a.layer;

COMMENT ON VIEW attention_row_grounding IS 'One row per run, category, variant, query row and layer: where each row looks, means over questions; the answer''s at the step that yields it. relcli looks tests it.';
COMMENT ON COLUMN attention_row_grounding.query_row IS 'answer, or the tokens of the question of that role (prompt_token).';
COMMENT ON COLUMN attention_row_grounding.entropy IS 'Shannon entropy, natural log, of the attention normalised to sum 1.';
COMMENT ON COLUMN attention_row_grounding.n_entity IS 'Questions whose asked-about entities are in the picture: those entity_share is over.';
COMMENT ON COLUMN attention_row_grounding.entity_share IS 'Share of the attention on the picture that lies on the entities asked about; entity_area is their share of the picture.';
