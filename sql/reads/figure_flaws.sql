-- What is wrong with the questions a run was asked: share of each category's questions with each flaw.
WITH asked AS (
    SELECT DISTINCT i.dataset, i.scene_id, i.question_index, q.category
    FROM inference AS i
    JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.run = $run
), size AS (
    SELECT category, count(*) AS n FROM asked GROUP BY category
), flawed AS (
    SELECT a.category, f.flaw, count(*) AS n_flawed
    FROM asked AS a
    JOIN question_audit AS f USING (dataset, scene_id, question_index)
    GROUP BY a.category, f.flaw
)
SELECT s.category, k.flaw, s.n, coalesce(f.n_flawed, 0) AS n_flawed, coalesce(f.n_flawed, 0) / s.n AS share
FROM size AS s
CROSS JOIN (SELECT DISTINCT flaw FROM flawed) AS k
LEFT JOIN flawed AS f ON f.category = s.category AND f.flaw = k.flaw
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], s.category), 99), s.category,
    coalesce(list_position(['equivalent_option', 'two_axes', 'referent_not_unique', 'wording', 'fixed_negative',
        'fixed_letter'], k.flaw), 99), k.flaw;
