CREATE OR REPLACE VIEW consistency AS
WITH of_question AS (
    SELECT
        i.run, q.category, i.scene_id, i.question_index,
        list(i.variant) AS variants,
        bool_and(i.correct) AS consistent,
        bool_and(i.correct) FILTER (i.variant = 'raw') AS raw,
        count(DISTINCT i.ground_truth) > 1 AS truth_changes
    FROM inference AS i
    JOIN question_text AS q USING (dataset, scene_id, question_index)
    WHERE i.variant <> 'blank' AND i.correct IS NOT NULL
    GROUP BY i.run, q.category, i.scene_id, i.question_index
    HAVING count(*) > 1
), of_scene AS (
    SELECT
        run, category, scene_id,
        flatten(list(variants)) AS variants,
        count(*) AS n,
        count(*) FILTER (consistent) AS consistent,
        count(raw) AS n_raw,
        count(*) FILTER (raw) AS raw,
        nullif(count(*) FILTER (truth_changes), 0) AS n_truth_changes,
        count(*) FILTER (truth_changes AND consistent) AS consistent_truth_changes
    FROM of_question
    GROUP BY run, category, scene_id
)
SELECT
    run,
    category,
    list_sort(list_distinct(flatten(list(variants)))) AS variants,
    sum(n)::BIGINT AS n,
    count(*) AS n_scenes,
    sum(consistent) / sum(n) AS consistent,
    accuracy_end(n, consistent, -1) AS ci_low,
    accuracy_end(n, consistent, 1) AS ci_high,
    sum(raw) / nullif(sum(n_raw), 0) AS accuracy_raw,
    coalesce(sum(n_truth_changes), 0)::BIGINT AS n_truth_changes,
    sum(consistent_truth_changes) FILTER (n_truth_changes > 0) / sum(n_truth_changes) AS consistent_truth_changes,
    accuracy_end(n_truth_changes, CASE WHEN n_truth_changes > 0 THEN consistent_truth_changes END, -1) AS truth_changes_low,
    accuracy_end(n_truth_changes, CASE WHEN n_truth_changes > 0 THEN consistent_truth_changes END, 1) AS truth_changes_high
FROM of_scene
GROUP BY run, category;

COMMENT ON VIEW consistency IS 'One row per run and category: on how many questions are the answers right on every picture they were asked on? Questions asked on one picture alone, and blank pictures, are left out.';
COMMENT ON COLUMN consistency.variants IS 'The pictures asked on; a question counts on those that it has.';
COMMENT ON COLUMN consistency.consistent IS 'Share of questions answered rightly on all of them.';
COMMENT ON COLUMN consistency.ci_low IS '95% interval of that over scenes, lower end; questions of a scene may agree.';
COMMENT ON COLUMN consistency.ci_high IS '95% interval of that over scenes, upper end.';
COMMENT ON COLUMN consistency.accuracy_raw IS 'Accuracy on the raw pictures over the same questions.';
COMMENT ON COLUMN consistency.n_truth_changes IS 'Questions whose right answer is not the same on all pictures: there, repeating oneself is never right.';
COMMENT ON COLUMN consistency.consistent_truth_changes IS 'Share of these answered rightly on all of them; truth_changes_low and truth_changes_high are its 95% interval over scenes.';
