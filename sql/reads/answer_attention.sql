-- Attention of all variants of one question, layer by layer.
SELECT variant, layer, grid_height, grid_width, mean_heads, max_heads, first_step, last_step, mean_heads_entropy,
    max_heads_entropy, first_step_entropy, last_step_entropy, image_mass, n_steps
FROM attention
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index
ORDER BY variant, layer;
