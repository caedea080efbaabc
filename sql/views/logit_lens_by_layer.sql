CREATE OR REPLACE VIEW logit_lens_by_layer AS
WITH layered AS (
    SELECT
        a.run, q.category, a.scene_id, a.question_index, a.variant, a.ground_truth, a.choice,
        generate_subscripts(a.lens_logprobs, 1)::SMALLINT - 1::SMALLINT AS layer,
        unnest(a.lens_logprobs) AS logprobs
    FROM inference AS a
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE a.lens_logprobs IS NOT NULL AND a.ground_truth IS NOT NULL
), first AS (
    SELECT
        *,
        list_position(logprobs, list_max(logprobs)) AS best,
        option_log_odds(logprobs, ground_truth) AS log_odds,
        best = CASE WHEN lower(ground_truth) = 'none' THEN len(logprobs) ELSE ascii(lower(ground_truth)) - 96 END AS right_first,
        coalesce(best = CASE WHEN choice = 'none' THEN len(logprobs) ELSE ascii(choice) - 96 END, false) AS chosen_first
    FROM layered
), settled AS (
    SELECT
        *,
        bool_and(right_first) OVER (
            PARTITION BY run, scene_id, question_index, variant ORDER BY layer DESC ROWS UNBOUNDED PRECEDING
        ) AS right_from_here
    FROM first
), scene AS (
    SELECT
        run, category, variant, layer, scene_id,
        count(*) AS n,
        count_if(right_first) AS n_first,
        count_if(right_from_here) AS n_from_here,
        count_if(chosen_first) AS n_chosen,
        sum(log_odds) AS log_odds,
        count(log_odds) AS n_odds
    FROM settled
    GROUP BY ALL
)
SELECT
    run, category, variant, layer,
    sum(n)::BIGINT AS n,
    count(*) AS n_scenes,
    sum(n_first) / sum(n) AS right_first,
    accuracy_end(n, n_first, -1) AS ci_low,
    accuracy_end(n, n_first, 1) AS ci_high,
    sum(n_from_here) / sum(n) AS right_from_here,
    sum(n_chosen) / sum(n) AS chosen_first,
    sum(log_odds) / nullif(sum(n_odds), 0) AS log_odds
FROM scene
GROUP BY run, category, variant, layer;

COMMENT ON VIEW logit_lens_by_layer IS 'One row per run, category, variant and layer: from which layer on is the right option first, among the options and None?';
COMMENT ON COLUMN logit_lens_by_layer.right_first IS 'Share of questions whose right option has the largest log-probability in this layer, with a 95% interval over scenes.';
COMMENT ON COLUMN logit_lens_by_layer.right_from_here IS 'Share of those whose right option is first in this layer and in all later ones.';
COMMENT ON COLUMN logit_lens_by_layer.chosen_first IS 'Share of those whose first option is what the model answers.';
COMMENT ON COLUMN logit_lens_by_layer.log_odds IS 'Mean log-odds of the right option against the other options and None.';
