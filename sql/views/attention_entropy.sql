CREATE OR REPLACE VIEW attention_entropy AS
WITH answer AS (
    SELECT
        a.run, q.category, a.variant, a.layer, l.n_tokens AS n_cells,
        finite(a.mean_heads_entropy) AS mean_heads_entropy,
        finite(a.max_heads_entropy) AS max_heads_entropy,
        finite(a.first_step_entropy) AS first_step_entropy,
        finite(a.last_step_entropy) AS last_step_entropy,
        a.step_entropy
    FROM attention AS a
    JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
    JOIN run AS r ON r.run = a.run
    LEFT JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
), step AS (
    SELECT
        run, category, variant, layer, n_cells,
        finite(unnest(step_entropy)) AS entropy,
        generate_subscripts(step_entropy, 1) AS step
    FROM answer
)
SELECT
    run, category, variant, layer,
    NULL::BIGINT AS step,
    count(*) AS n,
    avg(mean_heads_entropy) AS entropy,
    stddev_samp(mean_heads_entropy) AS entropy_sd,
    avg(mean_heads_entropy / ln(n_cells)) AS entropy_of_uniform,
    avg(max_heads_entropy) AS entropy_max_heads,
    avg(first_step_entropy) AS entropy_first,
    avg(last_step_entropy) AS entropy_last
FROM answer
GROUP BY run, category, variant, layer
UNION ALL BY NAME
SELECT
    run, category, variant, layer, step,
    count(*) AS n,
    avg(entropy) AS entropy,
    stddev_samp(entropy) AS entropy_sd,
    avg(entropy / ln(n_cells)) AS entropy_of_uniform
FROM step
GROUP BY run, category, variant, layer, step;

COMMENT ON VIEW attention_entropy IS 'One row per run, category, variant and layer (step NULL), and one per generation step where steps were kept: mean Shannon entropy, natural log, of the attention normalised to sum 1.';
COMMENT ON COLUMN attention_entropy.step IS 'The generated token, from 1; NULL for the mean over heads and steps.';
COMMENT ON COLUMN attention_entropy.entropy IS 'Of the mean over heads (and, with step NULL, over steps).';
COMMENT ON COLUMN attention_entropy.entropy_sd IS 'Standard deviation over answers (n - 1).';
COMMENT ON COLUMN attention_entropy.entropy_of_uniform IS 'The entropy as a share of the largest possible, ln(cells).';
COMMENT ON COLUMN attention_entropy.entropy_max_heads IS 'Of the maximum over heads and steps; this and the next two stand in the rows with step NULL only.';
COMMENT ON COLUMN attention_entropy.entropy_first IS 'Of the step that yields the first token.';
