-- Per category of one run, what it scores on variants of the picture beside raw, masked and blank: accuracy, and whether
-- the answer follows the truth there; and, over all variants but blank, the share of questions answered rightly on all.
SELECT
    a.category,
    a.variant,
    a.n,
    a.accuracy,
    a.ci_low,
    a.ci_high,
    c.n_truth_changes,
    c.changes_with_truth,
    c.changes_rightly,
    c.n_truth_stays,
    c.stays_with_truth,
    s.n AS n_consistent,
    s.consistent,
    s.ci_low AS consistent_low,
    s.ci_high AS consistent_high
FROM (FROM accuracy_by_category WHERE run = $run AND variant NOT IN ('raw', 'masked', 'blank')) AS a
LEFT JOIN (FROM answer_change WHERE run = $run) AS c ON c.category = a.category AND c.variant = a.variant
LEFT JOIN (FROM consistency WHERE run = $run) AS s ON s.category = a.category
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], a.category), 99), a.category,
    coalesce(list_position(['changed', 'placebo'], a.variant), 99), a.variant;
