-- Attention of one answer, layer by layer.
SELECT layer, grid_height, grid_width, mean_heads, max_heads, first_step, last_step, mean_heads_entropy,
    max_heads_entropy, first_step_entropy, last_step_entropy, step_entropy, image_mass, n_steps
FROM attention
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index AND variant = $variant
ORDER BY layer;
