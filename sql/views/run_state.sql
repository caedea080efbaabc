CREATE OR REPLACE VIEW run_state AS
SELECT
    run,
    CASE
        WHEN state = 'running' AND coalesce(heartbeat_at, started_at) < make_timestamp(epoch_us(now())) - INTERVAL 30 SECOND
        THEN 'stopped'
        ELSE state
    END AS state,
    heartbeat_at,
    greatest(0, epoch(now()) - epoch(coalesce(heartbeat_at, started_at))) AS heartbeat_age_s
FROM run;

COMMENT ON VIEW run_state IS 'One row per run: its state as people see it; running without a heartbeat for 30 s reads as stopped.';
