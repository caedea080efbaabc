-- How spread out the attention of one query row of a run on the picture is, by variant and layer: mean Shannon entropy (natural
-- log) over all questions, and as a share of the largest possible. The answer's is of the step that yields it, or where
-- $step is mean, of the mean over its steps.
SELECT
    a.variant, a.layer, count(entropy) AS n, avg(entropy) AS entropy, avg(entropy / ln(n_tokens)) AS entropy_of_uniform
FROM (
    SELECT
        v.variant, v.layer, l.n_tokens,
        finite(
            CASE WHEN $step = 'mean' THEN v.mean_heads_entropy
                 ELSE looking_vector(v.query_row, v.answer_step_entropy, v.first_step_entropy, v.mean_heads_entropy) END
        ) AS entropy
    FROM answer_attention AS v
    JOIN image_layout AS l ON l.layout = layout_name(v.layout, v.grid_height, v.grid_width)
    WHERE v.run = $run AND v.query_row = $row AND v.presentation = 'plain' AND v.intervention = 'none'
) AS a
WHERE entropy IS NOT NULL
GROUP BY a.variant, a.layer
ORDER BY coalesce(list_position(['raw', 'masked', 'blank'], a.variant), 99), a.variant, a.layer;
