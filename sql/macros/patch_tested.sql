-- What each patch did, beside the same from other scenes' questions: by category, or over all of them. The effect is a ratio
-- of sums: how far the logit difference has moved, of the gap between the plain answers on the two variants.
CREATE OR REPLACE MACRO patch_tested(by_category) AS TABLE
WITH told AS MATERIALIZED (
    FROM patch_answer
), drawn AS (
    SELECT
        run, control_of AS intervention, scene_id, question_index, variant, count(*) AS n_draws,
        avg(flipped::INTEGER) AS flip, avg(follows::INTEGER) AS follow, avg(shift) AS shift
    FROM told
    WHERE control_of IS NOT NULL
    GROUP BY run, control_of, scene_id, question_index, variant
), of_scene AS (
    SELECT
        c.run, c.experiment, c.intervention, if(by_category, c.category, 'all') AS category, c.source_variant, c.variant,
        c.scene_id,
        count(*) AS n,
        count(*) FILTER (c.flipped) AS flips,
        count(*) FILTER (c.follows) AS follows,
        sum(c.shift) AS shift,
        sum(c.gap) FILTER (c.shift IS NOT NULL) AS gap,
        count(d.flip) AS n_control,
        sum(d.flip) AS control_flips,
        sum(d.follow) AS control_follows,
        sum(d.shift) AS control_shift,
        sum(c.gap) FILTER (d.shift IS NOT NULL) AS control_gap,
        count(c.shift - d.shift) AS n_beyond,
        sum(c.shift - d.shift) AS beyond,
        max(d.n_draws) AS n_draws
    FROM told AS c
    LEFT JOIN drawn AS d USING (run, intervention, scene_id, question_index, variant)
    WHERE c.control_of IS NULL
    GROUP BY ALL
), scored AS (
    SELECT *, max(abs(beyond)) OVER (PARTITION BY run, intervention, category, variant) AS most
    FROM of_scene
), tested AS (
    SELECT
        run, experiment, intervention, category, source_variant, variant,
        sum(n)::BIGINT AS n,
        count(*) AS n_scenes,
        sum(flips) / sum(n) AS flip_rate,
        accuracy_end(n, flips, -1) AS flip_low,
        accuracy_end(n, flips, 1) AS flip_high,
        sum(follows) / sum(n) AS follow_rate,
        accuracy_end(n, follows, -1) AS follow_low,
        accuracy_end(n, follows, 1) AS follow_high,
        sum(shift) / nullif(sum(gap), 0) AS effect,
        clustered_error(nullif(gap, 0), shift) AS effect_error,
        max(n_draws) AS n_draws,
        sum(n_control)::BIGINT AS n_control,
        sum(control_flips) / nullif(sum(n_control), 0) AS control_flip_rate,
        sum(control_follows) / nullif(sum(n_control), 0) AS control_follow_rate,
        sum(control_shift) / nullif(sum(control_gap), 0) AS control_effect,
        CASE WHEN sum(n_beyond) > 0
            THEN sign_flip_p(CASE WHEN n_beyond > 0 THEN coalesce(round(100 * beyond / nullif(most, 0)), 0) END) END AS p
    FROM scored
    GROUP BY run, experiment, intervention, category, source_variant, variant
)
SELECT
    run, experiment, intervention, category, source_variant, variant, n, n_scenes,
    flip_rate, flip_low, flip_high, follow_rate, follow_low, follow_high,
    effect,
    effect - 1.959963984540054 * effect_error AS effect_low,
    effect + 1.959963984540054 * effect_error AS effect_high,
    n_draws, n_control, control_flip_rate, control_follow_rate, control_effect,
    p,
    holm(p, list(p) OVER family) AS holm_p
FROM tested
WINDOW family AS (PARTITION BY run, experiment);
COMMENT ON MACRO TABLE patch_tested IS 'What each patch did, beside the same from other scenes: by category (true) or over all (false).';
