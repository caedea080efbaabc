-- Everything one run's row holds, with the state as people see it.
SELECT r.* REPLACE (s.state AS state), u.n_answers, u.verified
FROM run AS r
JOIN run_state AS s USING (run)
JOIN run_summary AS u USING (run)
WHERE r.run = $run;
