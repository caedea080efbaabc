-- The same questions on the raw and on the masked picture, by run and category; with `changed_only` over twins whose picture
-- is known to differ from the original.
CREATE OR REPLACE MACRO raw_vs_masked_of(changed_only) AS TABLE
WITH of_scene AS (
    SELECT
        run,
        category,
        scene_id,
        count(*) AS n,
        count(*) FILTER (correct_raw) AS right_raw,
        count(*) FILTER (correct_masked) AS right_masked,
        count(*) FILTER (correct_raw AND correct_masked) AS right_both
    FROM answer_pair
    WHERE twin_changed OR NOT changed_only
    GROUP BY run, category, scene_id
), counted AS (
    SELECT
        run,
        category,
        sum(n)::BIGINT AS n,
        count(*) AS n_scenes,
        sum(right_raw)::BIGINT AS right_raw,
        sum(right_masked)::BIGINT AS right_masked,
        sum(right_both)::BIGINT AS right_both,
        difference_end(n, right_raw - right_masked, -1) AS drop_low,
        difference_end(n, right_raw - right_masked, 1) AS drop_high,
        sign_flip_p(right_raw - right_masked) AS p
    FROM of_scene
    GROUP BY run, category
)
SELECT
    run,
    category,
    n,
    right_raw / n AS accuracy_raw,
    right_masked / n AS accuracy_masked,
    right_raw / n - right_masked / n AS "drop",
    (right_raw / n - right_masked / n) / nullif(right_raw / n, 0) * 100 AS drop_pct,
    right_both / nullif(right_raw, 0) AS retain_rate,
    (right_masked - right_both) / nullif(n - right_raw, 0) AS fix_rate,
    right_raw AS n_correct_raw,
    n - right_raw AS n_incorrect_raw,
    n_scenes,
    drop_low,
    drop_high,
    p,
    mcnemar_p(right_raw - right_both, right_masked - right_both) AS mcnemar_p
FROM counted;
COMMENT ON MACRO TABLE raw_vs_masked_of IS 'One row per run and category: the same questions on the raw and on the masked picture (false), or those over twins that differ (true).';
