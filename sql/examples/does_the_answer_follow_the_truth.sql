-- When masking changes the right answer, does the model's change? When it doesn't, does it stay? And is it just None?
SELECT run, category, variant, n_truth_changes, changes_with_truth, none_of_changes, n_truth_stays, stays_with_truth,
    none_if_truth_changes - none_if_truth_stays AS none_where_it_belongs
FROM answer_change
ORDER BY run, variant, category;
