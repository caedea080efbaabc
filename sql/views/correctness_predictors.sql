CREATE OR REPLACE VIEW correctness_predictors AS
WITH counted AS (
    SELECT
        *,
        count_if(correct) OVER every AS n_right,
        count_if(NOT correct) OVER every AS n_wrong,
        -- Midranks among all answers, and among those of the same grade: their difference counts the answers of the
        -- other grade below, ties half.
        rank() OVER (every ORDER BY score) + (count(*) OVER (PARTITION BY run, category, variant, predictor, score) - 1) / 2
            - rank() OVER (same ORDER BY score)
            - (count(*) OVER (PARTITION BY run, category, variant, predictor, correct, score) - 1) / 2 AS n_below
    FROM correctness_score
    WINDOW
        every AS (PARTITION BY run, category, variant, predictor),
        same AS (PARTITION BY run, category, variant, predictor, correct)
), scene AS (
    SELECT
        run, category, variant, predictor, scene_id,
        count_if(correct) AS scene_right,
        count_if(NOT correct) AS scene_wrong,
        coalesce(sum(n_below / nullif(n_wrong, 0)) FILTER (correct), 0) AS right_part,
        coalesce(sum(1 - n_below / nullif(n_right, 0)) FILTER (NOT correct), 0) AS wrong_part
    FROM counted
    GROUP BY ALL
), area AS (
    SELECT
        run, category, variant, predictor,
        sum(scene_right)::BIGINT AS n_right,
        sum(scene_wrong)::BIGINT AS n_wrong,
        count(*) AS n_scenes,
        least(count_if(scene_right > 0), count_if(scene_wrong > 0)) AS rarer,
        CASE WHEN n_right > 0 AND n_wrong > 0 THEN sum(right_part) / sum(scene_right) END AS auroc,
        auroc_error(scene_right, right_part, scene_wrong, wrong_part) AS error
    FROM scene
    GROUP BY run, category, variant, predictor
), reach AS (
    SELECT
        *,
        -- On the scale of log-odds the interval stays between 0 and 1, and has the right ends near them.
        CASE WHEN auroc > 0 AND auroc < 1 AND error > 0 AND rarer >= 5
            THEN t_quantile(rarer - 1) * error / (auroc * (1 - auroc)) END AS reach
    FROM area
)
SELECT
    run, category, variant, predictor, n_right, n_wrong, n_scenes, auroc,
    1 / (1 + (1 - auroc) / auroc * exp(reach)) AS ci_low,
    1 / (1 + (1 - auroc) / auroc * exp(-reach)) AS ci_high
FROM reach;

COMMENT ON VIEW correctness_predictors IS 'One row per run, category, variant and predictor: how well it tells right answers from wrong ones, side by side.';
COMMENT ON COLUMN correctness_predictors.predictor IS 'As in correctness_score.';
COMMENT ON COLUMN correctness_predictors.auroc IS 'Area under the ROC curve: the chance that a right answer scores above a wrong one, ties half; 0.5 knows nothing. NULL where all answers are alike.';
COMMENT ON COLUMN correctness_predictors.ci_low IS '95% interval over scenes: Obuchowski''s error on the log-odds scale. NULL below five scenes with right answers, or with wrong ones, and where the order is perfect.';
