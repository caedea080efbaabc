CREATE OR REPLACE VIEW head_grounding AS
WITH ranked AS (
    SELECT
        * EXCLUDE (part),
        count(p) OVER family AS n_tests,
        row_number() OVER (family ORDER BY p NULLS LAST, layer, head) AS place
    FROM head_tested(false)
    WINDOW family AS (PARTITION BY run, category, variant, query_row)
)
SELECT
    * EXCLUDE (n_tests, place),
    CASE WHEN p IS NOT NULL THEN least(1.0, max(p * (n_tests - place + 1)) OVER (
        PARTITION BY run, category, variant, query_row ORDER BY place)) END AS p_holm
FROM ranked;

COMMENT ON VIEW head_grounding IS 'One row per run, category, variant, query row, layer and head: the mean share of its attention on what is asked about, against chance. Of runs with --attention heads; for the best head, without the bias of choosing it, see head_best.';
COMMENT ON COLUMN head_grounding.n IS 'Questions whose asked-about entities are in the picture, of n_scenes scenes.';
COMMENT ON COLUMN head_grounding.share IS 'Of the attention on the picture, on the entities asked about.';
COMMENT ON COLUMN head_grounding.chance IS 'Of the same attention, on what other scenes'' questions of the same category and kind ask about: the share of a head that knows nothing of the question.';
COMMENT ON COLUMN head_grounding.others IS 'The share if the entities asked about got as much for their area as the other entities, over questions that have some.';
COMMENT ON COLUMN head_grounding.above_chance IS 'Share minus chance; ci_low and ci_high are its 95% interval over scenes.';
COMMENT ON COLUMN head_grounding.above_others IS 'Share minus others, over questions that have both.';
COMMENT ON COLUMN head_grounding.p IS 'One-sided t-test over scenes that the share is no more than chance.';
COMMENT ON COLUMN head_grounding.p_holm IS 'The same after Holm''s correction for all heads and layers of the category, variant and row.';
