-- Fills that claim to be of what is there but are not: another number of rows than the attention has, or rows of runs
-- that are gone. (Fills of an earlier state of a run are not read, so they are no fault.)
WITH filled AS (
    SELECT run, dataset FROM attention_fill_state WHERE part = 'rows' AND is_filled
), there AS (
    -- two vectors each: the first step and the mean over steps
    SELECT a.run, 2 * count(*) AS n_rows,
        2 * count(*) FILTER (a.variant = 'masked' AND r.layer IS NOT NULL) AS n_pairs
    FROM attention AS a
    JOIN filled USING (run)
    LEFT JOIN attention AS r ON r.run = a.run AND r.scene_id = a.scene_id AND r.question_index = a.question_index
        AND r.layer = a.layer
        AND layout_name(r.layout, r.grid_height, r.grid_width) = layout_name(a.layout, a.grid_height, a.grid_width)
        AND r.variant = 'raw' AND a.variant = 'masked'
    GROUP BY a.run
)
SELECT 'attention_grounding_fill' AS fill, t.run, t.n_rows AS wanted, coalesce(f.n, 0) AS found
FROM there AS t
LEFT JOIN (SELECT run, count(*) AS n FROM attention_grounding_fill GROUP BY run) AS f USING (run)
WHERE wanted <> found
UNION ALL
SELECT 'attention_shift_fill', t.run, t.n_pairs, coalesce(f.n, 0)
FROM there AS t
LEFT JOIN (SELECT run, count(*) AS n FROM attention_shift_fill GROUP BY run) AS f USING (run)
WHERE t.n_pairs <> coalesce(f.n, 0)
UNION ALL
SELECT fill, run, 0, count(*)
FROM (
    SELECT 'attention_mean_fill' AS fill, run FROM attention_mean_fill
    UNION ALL SELECT 'attention_target_fill', run FROM attention_target_fill
    UNION ALL SELECT 'attention_shift_fill', run FROM attention_shift_fill
    UNION ALL SELECT 'attention_grounding_fill', run FROM attention_grounding_fill
    UNION ALL SELECT 'attention_row_shift_fill', run FROM attention_row_shift_fill
    UNION ALL SELECT 'attention_row_grounding_fill', run FROM attention_row_grounding_fill
)
ANTI JOIN run USING (run)
GROUP BY fill, run;
