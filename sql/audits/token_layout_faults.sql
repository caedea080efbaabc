-- Layouts of image tokens that lack a token, hold a rectangle that is none or lies off the picture, and layouts that a run,
-- its attention or a region names but nobody knows.
SELECT layout, 'tokens are missing or come twice' AS fault
FROM token_layout
GROUP BY layout
HAVING count(*) <> count(DISTINCT token_index) OR min(token_index) <> 0 OR max(token_index) <> count(*) - 1
UNION ALL
SELECT DISTINCT layout, 'a rectangle is none, or lies off the picture'
FROM token_layout
WHERE (x_min IS NULL) <> (x_max IS NULL) OR (x_min IS NULL) <> (y_min IS NULL) OR (x_min IS NULL) <> (y_max IS NULL)
    OR x_min >= x_max OR y_min >= y_max
    OR least(x_min, y_min) < -0.00001 OR greatest(x_max, y_max) > 1.00001
UNION ALL
SELECT DISTINCT layout, 'its image tokens are not known'
FROM (
    SELECT layout FROM run
    UNION ALL SELECT layout FROM region
    UNION ALL SELECT layout FROM answer_attention
    UNION ALL SELECT layout FROM calibrated_sink
)
ANTI JOIN image_layout USING (layout)
WHERE layout IS NOT NULL;
