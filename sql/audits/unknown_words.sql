-- Values outside the fixed vocabularies.
SELECT 'inference.variant' AS column_name, variant AS value
FROM inference
ANTI JOIN variant USING (dataset, variant)
WHERE variant NOT IN ('raw', 'masked', 'blank')
UNION ALL
SELECT 'variant.kind', kind FROM variant WHERE kind NOT IN ('raw', 'blank', 'mask', 'change', 'placebo', 'own')
UNION ALL
SELECT 'inference.choice', choice FROM inference WHERE NOT regexp_full_match(choice, '[a-z]|none')
UNION ALL
SELECT 'question.category', category FROM question WHERE question_set <> 'own' AND category NOT IN ('count', 'recognition_shape',
    'recognition_color', 'recognition_shape_and_color', 'implicit_spatial', 'explicit_connection',
    'explicit_arrow_direction')
UNION ALL
SELECT 'relation.relation', relation FROM relation WHERE relation NOT IN ('above', 'below', 'left_of', 'right_of')
UNION ALL
SELECT 'run.state', state FROM run WHERE state NOT IN ('running', 'done', 'stopped', 'failed')
UNION ALL
SELECT 'run.kind', kind FROM run WHERE kind NOT IN ('run', 'import')
UNION ALL
SELECT 'scene.masked_kind', masked_kind FROM scene WHERE masked_kind NOT IN ('object', 'relation', 'other');
