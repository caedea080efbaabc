-- Where a run's attention lies, by category (NULL: all), variant and layer; one row per measure of
-- attention_grounding. chance: what looking anywhere gives. low and high: 95% interval, answers taken as independent
-- (Wilson's for the pointing game; of a ratio of two means for a lift).
WITH answer AS (
    SELECT * EXCLUDE (pointing_hit), pointing_hit::INTEGER AS hit
    FROM attention_grounding_by_question
    WHERE run = $run AND category IS NOT NULL
), mean AS (
    SELECT
        category, variant, layer,
        count(entity_share) AS n_entity, avg(entity_share) AS entity,
        avg(entity_area) FILTER (entity_share IS NOT NULL) AS area_entity, stddev_samp(entity_share) AS sd_entity,
        var_samp(entity_area) FILTER (entity_share IS NOT NULL) AS var_area_entity,
        covar_samp(entity_share, entity_area) AS covar_entity,
        count(distractor_share) AS n_distractor, avg(distractor_share) AS distractor,
        avg(distractor_area) FILTER (distractor_share IS NOT NULL) AS area_distractor,
        stddev_samp(distractor_share) AS sd_distractor,
        var_samp(distractor_area) FILTER (distractor_share IS NOT NULL) AS var_area_distractor,
        covar_samp(distractor_share, distractor_area) AS covar_distractor,
        count(arrow_share) AS n_arrow, avg(arrow_share) AS arrow,
        avg(arrow_area) FILTER (arrow_share IS NOT NULL) AS area_arrow, stddev_samp(arrow_share) AS sd_arrow,
        var_samp(arrow_area) FILTER (arrow_share IS NOT NULL) AS var_area_arrow,
        covar_samp(arrow_share, arrow_area) AS covar_arrow,
        count(masked_place_share) AS n_masked_place, avg(masked_place_share) AS masked_place,
        avg(masked_place_area) FILTER (masked_place_share IS NOT NULL) AS area_masked_place,
        stddev_samp(masked_place_share) AS sd_masked_place,
        var_samp(masked_place_area) FILTER (masked_place_share IS NOT NULL) AS var_area_masked_place,
        covar_samp(masked_place_share, masked_place_area) AS covar_masked_place,
        count(sink_share) AS n_sink, avg(sink_share) AS sink,
        avg(sink_area) FILTER (sink_share IS NOT NULL) AS area_sink, stddev_samp(sink_share) AS sd_sink,
        count(hit) AS n_pointing, avg(hit) AS pointing, sum(hit) AS n_hit,
        avg(pointing_chance) FILTER (hit IS NOT NULL) AS chance_pointing,
        count(iou) AS n_iou, avg(iou) AS iou, stddev_samp(iou) AS sd_iou,
        count(centre_distance) AS n_distance, avg(centre_distance) AS distance,
        stddev_samp(centre_distance) AS sd_distance
    FROM answer
    GROUP BY GROUPING SETS ((category, variant, layer), (variant, layer))
), place AS (
    UNPIVOT mean ON
        (n_entity, entity, area_entity, sd_entity, var_area_entity, covar_entity) AS 'entity',
        (n_distractor, distractor, area_distractor, sd_distractor, var_area_distractor, covar_distractor)
            AS 'distractor',
        (n_arrow, arrow, area_arrow, sd_arrow, var_area_arrow, covar_arrow) AS 'arrow',
        (n_masked_place, masked_place, area_masked_place, sd_masked_place, var_area_masked_place, covar_masked_place)
            AS 'masked_place'
    INTO NAME place VALUE n, share, area, sd, var_area, covar
), lifted AS (
    SELECT *, share / nullif(area, 0) AS lift FROM place
), told AS (
    SELECT place || '_lift' AS measure, category, variant, layer, n, lift AS value, NULL AS sd,
        sqrt(greatest(0, sd * sd - 2 * lift * covar + lift * lift * var_area) / n) / nullif(area, 0) AS error,
        1.0 AS chance
    FROM lifted
    UNION ALL
    SELECT place || '_share', category, variant, layer, n, share, sd, sd / sqrt(n), area FROM lifted
    UNION ALL
    SELECT 'sink_share', category, variant, layer, n_sink, sink, sd_sink, sd_sink / sqrt(n_sink), area_sink FROM mean
    UNION ALL
    SELECT 'iou', category, variant, layer, n_iou, iou, sd_iou, sd_iou / sqrt(n_iou), NULL FROM mean
    UNION ALL
    SELECT 'centre_distance', category, variant, layer, n_distance, distance, sd_distance,
        sd_distance / sqrt(n_distance), NULL
    FROM mean
)
SELECT measure, category, variant, layer, n, value, sd, value - 1.96 * error AS low, value + 1.96 * error AS high, chance
FROM told
WHERE n > 0
UNION ALL
SELECT 'pointing_game', category, variant, layer, n_pointing, pointing, NULL, wilson_low(n_hit, n_pointing),
    wilson_high(n_hit, n_pointing), chance_pointing
FROM mean
WHERE n_pointing > 0
ORDER BY measure, variant, category, layer;
