-- Does the model look at the right things more when it answers right? Share of attention on the entities asked about
-- over their share of the area (1: no more than looking anywhere), by layer and grade, on the raw picture.
SELECT g.run, g.layer,
    avg(g.entity_share) FILTER (i.correct) / avg(g.entity_area) FILTER (i.correct) AS lift_when_right,
    avg(g.entity_share) FILTER (NOT i.correct) / avg(g.entity_area) FILTER (NOT i.correct) AS lift_when_wrong,
    count(*) FILTER (i.correct) AS n_right,
    count(*) FILTER (NOT i.correct) AS n_wrong
FROM attention_grounding_by_question AS g
JOIN inference AS i ON i.run = g.run AND i.scene_id = g.scene_id AND i.question_index = g.question_index
    AND i.variant = g.variant
WHERE g.variant = 'raw' AND g.entity_share IS NOT NULL AND i.correct IS NOT NULL
GROUP BY g.run, g.layer
ORDER BY g.run, g.layer;
