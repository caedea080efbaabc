CREATE OR REPLACE VIEW attention_versus_effect AS
WITH cut AS (
    SELECT *
    FROM cut_answer
    WHERE control_of IS NULL AND change IS NOT NULL
        AND region IN ('target', 'distractor', 'arrow', 'removed', 'sink')
), looked AS (
    SELECT
        c.run, c.experiment, c.intervention, c.region, c.from_rows, c.category, c.variant, c.scene_id, c.question_index,
        -c.change AS effect,
        avg(CASE c.region
            WHEN 'target' THEN g.entity_share
            WHEN 'distractor' THEN g.distractor_share
            WHEN 'arrow' THEN g.arrow_share
            WHEN 'removed' THEN g.masked_place_share
            ELSE g.sink_share
        END) AS share
    FROM cut AS c
    JOIN attention_grounding_by_question AS g ON g.run = c.run AND g.scene_id = c.scene_id
        AND g.question_index = c.question_index AND g.variant = c.variant
    WHERE c.layers IS NULL OR list_contains(c.layers, g.layer)
    GROUP BY ALL
), ranked AS (
    SELECT
        *,
        rank() OVER (by_share) + (count(*) OVER (same_share) - 1) / 2 AS share_rank,
        rank() OVER (by_effect) + (count(*) OVER (same_effect) - 1) / 2 AS effect_rank
    FROM looked
    WHERE share IS NOT NULL
    WINDOW
        by_share AS (PARTITION BY run, intervention, category, variant ORDER BY share),
        same_share AS (PARTITION BY run, intervention, category, variant, share),
        by_effect AS (PARTITION BY run, intervention, category, variant ORDER BY effect),
        same_effect AS (PARTITION BY run, intervention, category, variant, effect)
), correlated AS (
    SELECT
        run, experiment, intervention, region, from_rows, category, variant,
        count(*) AS n,
        count(DISTINCT scene_id) AS n_scenes,
        finite(corr(share_rank, effect_rank)) AS rank_correlation
    FROM ranked
    GROUP BY ALL
)
SELECT
    *,
    CASE WHEN n_scenes > 3 AND abs(rank_correlation) < 1
        THEN tanh(atanh(rank_correlation) - 1.959963984540054 * sqrt(1.06 / (n_scenes - 3))) END AS low,
    CASE WHEN n_scenes > 3 AND abs(rank_correlation) < 1
        THEN tanh(atanh(rank_correlation) + 1.959963984540054 * sqrt(1.06 / (n_scenes - 3))) END AS high
FROM correlated;

COMMENT ON VIEW attention_versus_effect IS 'One row per run, cut, category and variant: does the share of the attention on a region tell, question by question, how much its cut takes from the right answer?';
COMMENT ON COLUMN attention_versus_effect.rank_correlation IS 'Spearman''s, of the answer''s share on the region (mean over the layers cut) with the fall of the right option''s log-odds.';
COMMENT ON COLUMN attention_versus_effect.low IS '95% interval, with scenes for the number of observations. Fieller, Hartley & Pearson, Biometrika 44 (1957).';
