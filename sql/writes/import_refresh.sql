-- What a later import may have widened: what the run's answers cover, and whether there is attention.
UPDATE run SET
    n_planned = found.n_answers,
    variants = found.variants,
    attention = if(coalesce($attention, 'none') = 'none', run.attention, $attention),
    image_tokens = coalesce($image_tokens, run.image_tokens),
    grid_height = coalesce($grid_height, run.grid_height),
    grid_width = coalesce($grid_width, run.grid_width),
    heartbeat_at = $now,
    finished_at = $now
FROM (
    SELECT count(*) AS n_answers, list(DISTINCT variant ORDER BY variant DESC) AS variants
    FROM inference
    WHERE run = $run
) AS found
WHERE run.run = $run;
