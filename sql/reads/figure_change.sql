-- Does a run's answer change when the right answer does, and stay when it stays? Twins that differ, by category; beside
-- the masked ones any others that the run was asked on, named behind the category.
SELECT
    if(variant = 'masked', category, category || ' (' || variant || ')') AS category, variant, n_truth_changes,
    changes_with_truth, changes_low, changes_high, changes_rightly, none_of_changes,
    none_if_truth_changes, n_truth_stays, stays_with_truth, stays_low, stays_high, left_for_none, none_if_truth_stays,
    n_same_picture, n_unreadable
FROM answer_change
WHERE run = $run
ORDER BY coalesce(list_position(['masked', 'changed', 'placebo'], variant), 99), variant,
    coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], answer_change.category), 99), answer_change.category;
