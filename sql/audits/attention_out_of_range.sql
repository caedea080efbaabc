-- Vectors that don't fill their layout or hold impossible weights, entropies beyond ln(cells), mass outside 0 to 1.
SELECT run, scene_id, question_index, variant, layer
FROM attention AS a
LEFT JOIN image_layout AS l ON l.layout = layout_name(a.layout, a.grid_height, a.grid_width)
WHERE l.layout IS NULL
    OR len(mean_heads) <> n_tokens
    OR len(max_heads) <> len(mean_heads)
    OR len(first_step) <> len(mean_heads)
    OR len(last_step) <> len(mean_heads)
    OR list_min(mean_heads) < 0
    OR list_max(max_heads) > 1.00001
    OR NOT isfinite(list_sum(mean_heads))
    OR len(step_entropy) <> n_steps
    OR least(mean_heads_entropy, max_heads_entropy, first_step_entropy, last_step_entropy) < -0.00001
    OR greatest(mean_heads_entropy, max_heads_entropy, first_step_entropy, last_step_entropy)
        > ln(n_tokens) + 0.00001
    OR image_mass NOT BETWEEN -0.00001 AND 1.00001;
