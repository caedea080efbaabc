CREATE OR REPLACE VIEW run_summary AS
WITH answered AS (
    SELECT
        run,
        count(*) AS n_answers,
        count(*) FILTER (correct AND variant = 'raw') / nullif(count(correct) FILTER (variant = 'raw'), 0) AS accuracy_raw,
        count(*) FILTER (correct AND variant = 'masked') / nullif(count(correct) FILTER (variant = 'masked'), 0)
            AS accuracy_masked
    FROM inference
    GROUP BY run
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
    coalesce(a.n_answers, 0) AS n_answers,
    r.n_planned,
    a.accuracy_raw,
    a.accuracy_masked,
    r.attention,
    v.verified,
    r.started_at,
    r.finished_at,
    round(epoch(coalesce(r.finished_at, r.heartbeat_at) - r.started_at), 1) AS seconds,
    r.message
FROM run AS r
JOIN run_state AS s USING (run)
LEFT JOIN answered AS a USING (run)
LEFT JOIN verified AS v USING (run);

COMMENT ON VIEW run_summary IS 'One row per run: what `relcli runs list` shows.';
COMMENT ON COLUMN run_summary.n_planned IS 'Answers the complete run will have.';
COMMENT ON COLUMN run_summary.accuracy_raw IS 'Over all categories, as they come; by category see accuracy_by_category.';
COMMENT ON COLUMN run_summary.verified IS 'Outcome of the latest verification; NULL if there was none.';
COMMENT ON COLUMN run_summary.seconds IS 'From start to end, or to the last heartbeat.';
