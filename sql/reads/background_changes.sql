-- What a run says about the next one's power, by category: the share of scenes that change each way between raw and
-- masked without any drop, and what one that changes is worth of a scene's questions.
WITH of_scene AS (
    SELECT
        category, scene_id, count(*) AS n,
        count(*) FILTER (correct_raw AND NOT correct_masked) - count(*) FILTER (correct_masked AND NOT correct_raw)
            AS change
    FROM answer_pair
    WHERE run = $run
    GROUP BY category, scene_id
)
SELECT
    category, count(*) AS n_scenes, background_change(n, change) AS background,
    change_size(n, change) * count(*) / sum(n) AS worth
FROM of_scene
GROUP BY category
ORDER BY category;
