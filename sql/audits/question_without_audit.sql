-- Questions of a known wording whose flaws were never looked for, and flaws of unknown name.
SELECT dataset, scene_id, question_index, NULL AS flaw
FROM question
WHERE flaws IS NULL AND len(options) > 0
UNION ALL
SELECT dataset, scene_id, question_index, flaw
FROM (SELECT dataset, scene_id, question_index, unnest(flaws) AS flaw FROM question)
WHERE flaw NOT IN ('equivalent_option', 'two_axes', 'referent_not_unique', 'wording', 'fixed_negative', 'fixed_letter');
