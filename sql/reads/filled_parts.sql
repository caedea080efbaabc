-- The parts of a run's fills that there are, made of the run as it is now or as it was.
SELECT part, filled_at FROM attention_fill WHERE run = $run ORDER BY part;
