-- How many answers of a run are published, how many of them were given while the model was interfered with, and about how many
-- scenes it was asked.
SELECT
    count(*) AS n_answers,
    count(*) FILTER (intervention <> 'none') AS n_edited,
    count(DISTINCT scene_id) AS n_scenes
FROM answer
WHERE run = $run;
