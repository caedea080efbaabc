-- Rows of head_by_scene brought together: for every place (query row, layer, head) of a part of a run's scenes its mean
-- share on what is asked about against chance, with an interval and a one-sided test over scenes. `part` tells which scenes
-- belong together: 0 for all, or the half of a scene. A ratio of sums whose scenes may differ in their number of questions
-- (linearised); p of Student's t, none below eight scenes.
CREATE OR REPLACE MACRO head_tested(halves) AS TABLE
WITH scene AS (
    SELECT
        *,
        share - chance AS above,
        CASE WHEN halves THEN md5_number_lower(scene_id::VARCHAR) % 2 + 1 ELSE 0 END::TINYINT AS part
    FROM head_by_scene
), place AS (
    SELECT
        run, category, variant, part, query_row, layer, head,
        sum(n)::BIGINT AS n,
        count(*) AS n_scenes,
        sum(share) / sum(n) AS share,
        sum(chance) / sum(n) AS chance,
        sum(others) / nullif(sum(n_others), 0) AS others,
        sum(above) / sum(n) AS above_chance,
        (sum(share_beside_others) - sum(others)) / nullif(sum(n_others), 0) AS above_others,
        sum(entropy) / sum(n) AS entropy,
        -- the sum of squares of (above - mean * n) over scenes
        greatest(0, sum(above * above) - 2 * sum(above) / sum(n) * sum(above * n) + (sum(above) / sum(n)) ^ 2 * sum(n * n)) AS squares
    FROM scene
    GROUP BY ALL
), tested AS (
    SELECT
        *,
        CASE WHEN n_scenes >= 8 THEN sqrt(squares * n_scenes / (n_scenes - 1)) / n END AS error
    FROM place
)
SELECT
    * EXCLUDE (squares, error),
    above_chance - t_quantile(n_scenes - 1) * error AS ci_low,
    above_chance + t_quantile(n_scenes - 1) * error AS ci_high,
    CASE WHEN error > 0 THEN student_tail(above_chance / error, n_scenes - 1) WHEN error = 0 THEN 1.0 END AS p
FROM tested;
COMMENT ON MACRO TABLE head_tested IS 'Mean shares of heads on what is asked about, against chance, with intervals and tests over scenes; of all scenes, or of two halves.';
