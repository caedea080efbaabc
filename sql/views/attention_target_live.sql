CREATE OR REPLACE VIEW attention_target_live AS
WITH stale AS (
    SELECT run, dataset FROM attention_fill_state WHERE part = 'mean' AND NOT is_filled
), cell AS (
    SELECT
        t.run, t.question_set, t.category, t.variant, t.none_is_right, t.layout,
        unnest(t.entity)::DOUBLE AS covered,
        generate_subscripts(t.entity, 1) AS cell
    FROM question_target_of((SELECT list(run) FROM stale), (SELECT list(DISTINCT dataset) FROM stale)) AS t
), summed AS (
    SELECT
        run, question_set, category, variant, none_is_right, layout, cell,
        count(*) AS n,
        sum(covered) AS entity,
        count(*) FILTER (covered > 0)::DOUBLE AS touched
    FROM cell
    GROUP BY ALL
)
SELECT
    run, question_set, category, variant, none_is_right, layout,
    any_value(n) AS n,
    list(entity ORDER BY cell) AS entity,
    list(touched ORDER BY cell) AS touched
FROM summed
GROUP BY run, question_set, category, variant, none_is_right, layout;

COMMENT ON VIEW attention_target_live IS 'One row per kind of question and layout of runs that aren''t filled, computed anew. Ask the view without _live.';
