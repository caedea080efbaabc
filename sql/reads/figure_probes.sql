-- What linear probes read off a run's attention (its latest probe): accuracy in the layer chosen, beside the most frequent
-- label, shuffled labels and the words of the prompt. beats_controls: above all three after Holm's correction.
SELECT
    category, label, probe, n, n_classes, layer, chosen, accuracy, ci_low, ci_high, majority, shuffled, prompt_only, p_holm,
    beats_controls
FROM probe_best
WHERE run = $run AND probe = (SELECT arg_max(probe, started_at) FROM probe WHERE run = $run)
ORDER BY coalesce(list_position(['count', 'recognition_shape', 'recognition_color', 'recognition_shape_and_color',
    'implicit_spatial', 'explicit_connection', 'explicit_arrow_direction'], category), 99), category, label;
