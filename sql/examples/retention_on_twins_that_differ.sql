-- How many right answers survive masking, once twins that are pixel for pixel the original are left out? Those keep
-- every answer and inflate retention.
SELECT run, category,
    count(*) FILTER (correct_raw) AS right_raw,
    avg(correct_masked::INTEGER) FILTER (correct_raw) AS retained,
    avg(correct_masked::INTEGER) FILTER (correct_raw AND twin_changed) AS retained_where_pictures_differ
FROM answer_pair
GROUP BY run, category
ORDER BY run, category;
