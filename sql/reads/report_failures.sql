-- Questions that tell something about a run, most telling first within a kind; ambiguous ones are left out of all but
-- the last kind. sure: probability of the likeliest option, on the raw picture.
WITH wide AS (
    SELECT
        q.dataset, q.scene_id, q.question_index, q.category,
        coalesce(list_has_any(q.flaws, ['equivalent_option', 'two_axes', 'referent_not_unique']), false) AS ambiguous,
        bool_and(i.correct) FILTER (i.variant = 'raw') AS raw,
        bool_and(i.correct) FILTER (i.variant = 'masked') AS masked,
        bool_and(i.correct) FILTER (i.variant = 'blank') AS blank,
        any_value(i.choice) FILTER (i.variant = 'raw') AS choice_raw,
        any_value(i.choice) FILTER (i.variant = 'masked') AS choice_masked,
        any_value(i.ground_truth) FILTER (i.variant = 'raw') AS truth_raw,
        any_value(i.ground_truth) FILTER (i.variant = 'masked') AS truth_masked,
        any_value(exp(list_max(i.option_logprobs))) FILTER (i.variant = 'raw') AS sure
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.run = $run AND i.correct IS NOT NULL
    GROUP BY ALL
), kinds AS (
    SELECT 1 AS place, 'wrong on the raw picture' AS kind, * FROM wide WHERE NOT raw AND choice_raw IS NOT NULL AND NOT ambiguous
    UNION ALL
    SELECT 2, 'the same answer though the truth changed', *
    FROM wide
    WHERE raw AND NOT masked AND choice_raw = choice_masked AND truth_raw <> truth_masked AND NOT ambiguous
    UNION ALL
    SELECT 3, 'another answer though the truth stayed', *
    FROM wide
    WHERE raw AND NOT masked AND choice_raw <> choice_masked AND truth_raw = truth_masked AND NOT ambiguous
    UNION ALL
    SELECT 4, 'unreadable on the raw picture', * REPLACE (NULL AS sure) FROM wide WHERE raw IS NOT NULL AND choice_raw IS NULL
    UNION ALL
    SELECT 5, 'wrong, on a question with more than one right answer', * FROM wide WHERE NOT raw AND choice_raw IS NOT NULL AND ambiguous
), ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY kind) AS n_kind,
        row_number() OVER (PARTITION BY kind, category ORDER BY sure DESC NULLS LAST, scene_id, question_index) AS place_in_category
    FROM kinds
)
SELECT kind, n_kind, category, scene_id, question_index, sure
FROM ranked
QUALIFY row_number() OVER (PARTITION BY kind ORDER BY place_in_category, sure DESC NULLS LAST, scene_id, question_index) <= 3
ORDER BY place, place_in_category, sure DESC NULLS LAST, scene_id, question_index;
