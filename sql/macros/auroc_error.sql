-- Standard error of an area under the ROC curve over answers that stand in scenes, those of a scene allowed to agree.
-- Aggregates rows of one scene each: how many right and wrong answers it has, and for each kind the sum of its parts (the
-- share of the other kind's answers that one scores above, or below). Obuchowski, Biometrics 53 (1997).
CREATE OR REPLACE MACRO auroc_error(n_right, right_part, n_wrong, wrong_part) AS
    CASE WHEN count_if(n_right > 0) > 1 AND count_if(n_wrong > 0) > 1 THEN list_transform([{
        'area': sum(right_part) / sum(n_right),
        'right': sum(right_part * right_part), 'right_n': sum(right_part * n_right), 'nn_right': sum(n_right * n_right),
        'wrong': sum(wrong_part * wrong_part), 'wrong_n': sum(wrong_part * n_wrong), 'nn_wrong': sum(n_wrong * n_wrong),
        'both': sum(right_part * wrong_part), 'both_r': sum(right_part * n_wrong), 'both_w': sum(wrong_part * n_right),
        'nn_both': sum(n_right * n_wrong),
        'with_right': count_if(n_right > 0), 'with_wrong': count_if(n_wrong > 0), 'scenes': count(n_right),
        'of_right': sum(n_right), 'of_wrong': sum(n_wrong)
    }], lambda x: sqrt(greatest(0,
        x.with_right / (x.with_right - 1) * (x.right - 2 * x.area * x.right_n + x.area ^ 2 * x.nn_right) / x.of_right ^ 2
        + x.with_wrong / (x.with_wrong - 1) * (x.wrong - 2 * x.area * x.wrong_n + x.area ^ 2 * x.nn_wrong) / x.of_wrong ^ 2
        + 2 * x.scenes / (x.scenes - 1) * (x.both - x.area * (x.both_r + x.both_w) + x.area ^ 2 * x.nn_both)
            / (x.of_right * x.of_wrong)
    )))[1] END;
COMMENT ON MACRO auroc_error IS 'An aggregate over scenes: standard error of an area under the ROC curve, answers of a scene allowed to agree; NULL below two scenes with right answers, or with wrong ones.';
