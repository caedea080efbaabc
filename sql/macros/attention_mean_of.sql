-- The mean maps of a run's answers, of the mean over their steps (mean_heads) or of the first step alone (first_step).
CREATE OR REPLACE MACRO attention_mean_of(of_vector) AS TABLE
SELECT m.*
FROM (
    SELECT
        f.run, f.category, f.variant, f.vector, f.layer, f.grid_height, f.grid_width, f.n, f.shares,
        layout_name(f.layout, f.grid_height, f.grid_width) AS layout
    FROM attention_mean_fill AS f
    JOIN attention_fill_state AS s ON s.run = f.run AND s.part = 'mean' AND s.is_filled
    UNION ALL BY NAME
    FROM attention_mean_live
) AS m
WHERE m.vector = of_vector;
COMMENT ON MACRO TABLE attention_mean_of IS 'Mean maps by run, category, variant, layer and layout, of the mean over steps (mean_heads) or of the first step (first_step).';
