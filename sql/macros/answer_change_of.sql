-- Does the answer change when the truth changes, and stay when it stays? Every variant of a picture beside the one named,
-- by run and category. `base` is raw for the view answer_change; any other pair of variants can be had by naming one of them.
CREATE OR REPLACE MACRO answer_change_of(base) AS TABLE
WITH pair AS (
    SELECT
        a.run, q.category, b.variant, a.scene_id,
        a.ground_truth <> b.ground_truth AS truth_changes,
        NOT (coalesce(p.differs, b.variant <> 'raw') OR coalesce(o.differs, base <> 'raw')) AS same_picture,
        coalesce(a.choice <> b.choice, false) AS changed,
        coalesce(a.choice = b.choice, false) AS stayed,
        b.correct,
        coalesce(b.choice = 'none', false) AS says_none,
        coalesce(a.choice <> 'none', false) AS named_one,
        a.choice IS NULL OR b.choice IS NULL AS unreadable
    FROM inference AS a
    JOIN inference AS b USING (run, scene_id, question_index)
    JOIN question AS q ON q.dataset = a.dataset AND q.scene_id = a.scene_id AND q.question_index = a.question_index
    LEFT JOIN picture AS p ON p.dataset = a.dataset AND p.scene_id = a.scene_id AND p.variant = b.variant
    LEFT JOIN picture AS o ON o.dataset = a.dataset AND o.scene_id = a.scene_id AND o.variant = base
    WHERE a.variant = base AND b.variant NOT IN (base, 'blank')
        AND a.correct IS NOT NULL AND b.correct IS NOT NULL
        AND a.ground_truth IS NOT NULL AND b.ground_truth IS NOT NULL
), of_scene AS (
    SELECT
        run, category, variant, scene_id,
        nullif(count(*) FILTER (truth_changes AND NOT same_picture), 0) AS n_truth_changes,
        count(*) FILTER (truth_changes AND NOT same_picture AND changed) AS changed,
        count(*) FILTER (truth_changes AND NOT same_picture AND changed AND correct) AS changed_rightly,
        count(*) FILTER (truth_changes AND NOT same_picture AND changed AND says_none) AS changed_to_none,
        count(*) FILTER (truth_changes AND NOT same_picture AND says_none) AS none_truth_changes,
        nullif(count(*) FILTER (NOT truth_changes AND NOT same_picture), 0) AS n_truth_stays,
        count(*) FILTER (NOT truth_changes AND NOT same_picture AND stayed) AS stayed,
        count(*) FILTER (NOT truth_changes AND NOT same_picture AND changed AND says_none AND named_one) AS left_for_none,
        count(*) FILTER (NOT truth_changes AND NOT same_picture AND says_none) AS none_truth_stays,
        count(*) FILTER (same_picture) AS n_same_picture,
        count(*) FILTER (same_picture AND stayed) AS stayed_same_picture,
        count(*) FILTER (unreadable) AS n_unreadable
    FROM pair
    GROUP BY run, category, variant, scene_id
)
SELECT
    run, category, variant,
    coalesce(sum(n_truth_changes), 0)::BIGINT AS n_truth_changes,
    sum(changed) / sum(n_truth_changes) AS changes_with_truth,
    accuracy_end(n_truth_changes, CASE WHEN n_truth_changes > 0 THEN changed END, -1) AS changes_low,
    accuracy_end(n_truth_changes, CASE WHEN n_truth_changes > 0 THEN changed END, 1) AS changes_high,
    sum(changed_rightly) / sum(n_truth_changes) AS changes_rightly,
    sum(changed_to_none) / nullif(sum(changed), 0) AS none_of_changes,
    sum(none_truth_changes) / sum(n_truth_changes) AS none_if_truth_changes,
    coalesce(sum(n_truth_stays), 0)::BIGINT AS n_truth_stays,
    sum(stayed) / sum(n_truth_stays) AS stays_with_truth,
    accuracy_end(n_truth_stays, CASE WHEN n_truth_stays > 0 THEN stayed END, -1) AS stays_low,
    accuracy_end(n_truth_stays, CASE WHEN n_truth_stays > 0 THEN stayed END, 1) AS stays_high,
    sum(left_for_none) / sum(n_truth_stays) AS left_for_none,
    sum(none_truth_stays) / sum(n_truth_stays) AS none_if_truth_stays,
    sum(n_same_picture)::BIGINT AS n_same_picture,
    sum(stayed_same_picture) / nullif(sum(n_same_picture), 0) AS stays_same_picture,
    sum(n_unreadable)::BIGINT AS n_unreadable
FROM of_scene
GROUP BY run, category, variant;
COMMENT ON MACRO TABLE answer_change_of IS 'As the view answer_change, beside another variant than the raw one: answer_change_of(''changed'').';
