CREATE OR REPLACE VIEW head_best AS
WITH tested AS MATERIALIZED (
    FROM head_tested(true)
), chosen AS (
    SELECT
        run, category, variant, part,
        -- of equals (rows may be of one token) always the same
        arg_max({'query_row': query_row, 'layer': layer, 'head': head}, (
            round(least(above_chance, above_others), 9),
            -list_position(['answer', 'target', 'target_next', 'stem_end', 'options', query_row], query_row),
            -layer,
            -head
        )) AS best
    FROM tested
    GROUP BY run, category, variant, part
)
SELECT
    t.run, t.category, t.variant, t.part AS half,
    t.* EXCLUDE (run, category, variant, part),
    holm(t.p, list(t.p) OVER (PARTITION BY t.run, t.variant)) AS p_holm
FROM chosen AS c
JOIN tested AS t ON t.run = c.run AND t.category = c.category AND t.variant = c.variant AND t.part = 3 - c.part
    AND t.query_row = c.best.query_row AND t.layer = c.best.layer AND t.head = c.best.head;

COMMENT ON VIEW head_best IS 'One row per run, category, variant and half of the scenes: the query row, layer and head that read best what is asked about on the other half, measured on this one, so that nothing is praised for what it was chosen by.';
COMMENT ON COLUMN head_best.half IS '1 or 2: the half of the scenes it is measured on. Halves follow from a hash of the scene''s number.';
COMMENT ON COLUMN head_best.share IS 'As in head_grounding, with chance, others, intervals and p.';
COMMENT ON COLUMN head_best.p_holm IS 'After Holm''s correction for the categories and halves of the run and variant.';
