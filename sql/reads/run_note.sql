-- What a person wrote about a run.
SELECT note, changed_at FROM run_note WHERE run = $run;
