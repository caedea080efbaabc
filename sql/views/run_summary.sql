CREATE OR REPLACE VIEW run_summary AS
WITH answered AS (
    SELECT
        run,
        count(*) FILTER (correct AND variant = 'raw') / nullif(count(correct) FILTER (variant = 'raw'), 0) AS accuracy_raw,
        count(*) FILTER (correct AND variant = 'masked') / nullif(count(correct) FILTER (variant = 'masked'), 0)
            AS accuracy_masked,
        count(*) FILTER (correct AND variant = 'raw' AND clean)
            / nullif(count(correct) FILTER (variant = 'raw' AND clean), 0) AS accuracy_raw_clean,
        count(*) FILTER (correct AND variant = 'masked' AND clean)
            / nullif(count(correct) FILTER (variant = 'masked' AND clean), 0) AS accuracy_masked_clean,
        count(*) FILTER (correct IS NOT NULL AND choice IS NULL) / nullif(count(correct), 0) AS unreadable
    FROM inference
    LEFT JOIN (
        SELECT
            dataset, scene_id, question_index,
            NOT coalesce(list_has_any(flaws, ['equivalent_option', 'two_axes', 'referent_not_unique']), false) AS clean
        FROM question
    ) USING (dataset, scene_id, question_index)
    GROUP BY run
), counted AS (
    SELECT run, count(*) AS n_answers FROM answer WHERE intervention = 'none' GROUP BY run
), verified AS (
    SELECT run, arg_max(passed, checked_at) AS verified FROM verification GROUP BY run
)
SELECT
    r.run,
    s.state,
    r.kind,
    r.model,
    r.dataset,
    r.question_set,
    coalesce(c.n_answers, 0) AS n_answers,
    r.n_planned,
    a.accuracy_raw,
    a.accuracy_masked,
    r.attention,
    v.verified,
    r.started_at,
    r.finished_at,
    round(epoch(coalesce(r.finished_at, r.heartbeat_at) - r.started_at), 1) AS seconds,
    r.message,
    a.accuracy_raw_clean,
    a.accuracy_masked_clean,
    a.unreadable
FROM run AS r
JOIN run_state AS s USING (run)
LEFT JOIN counted AS c USING (run)
LEFT JOIN answered AS a USING (run)
LEFT JOIN verified AS v USING (run);

COMMENT ON VIEW run_summary IS 'One row per run: what `relcli runs list` shows.';
COMMENT ON COLUMN run_summary.n_answers IS 'Answers it has, however a question was put; those of cuts, patches and steering aside.';
COMMENT ON COLUMN run_summary.n_planned IS 'As many as it will have when it is complete.';
COMMENT ON COLUMN run_summary.accuracy_raw IS 'Over all categories, as they come, of questions as their set puts them; by category see accuracy_by_category.';
COMMENT ON COLUMN run_summary.verified IS 'Outcome of the latest verification; NULL if there was none.';
COMMENT ON COLUMN run_summary.seconds IS 'From start to end, or to the last heartbeat.';
COMMENT ON COLUMN run_summary.accuracy_raw_clean IS 'Over the questions with one right answer (see accuracy_clean).';
COMMENT ON COLUMN run_summary.unreadable IS 'Share of graded answers, of all variants, that choose no option and don''t say None; they count as wrong.';
