CREATE OR REPLACE VIEW versus_published AS
SELECT
    r.run, p.source, p.category,
    r.n, p.n AS n_published,
    r.accuracy_raw,
    o.accuracy_raw_low, o.accuracy_raw_high,
    p.accuracy_raw AS accuracy_raw_published,
    wilson_low(p.n_correct_raw, p.n) AS accuracy_raw_published_low,
    wilson_high(p.n_correct_raw, p.n) AS accuracy_raw_published_high,
    r.accuracy_raw - p.accuracy_raw AS accuracy_raw_difference,
    r.accuracy_masked, p.accuracy_masked AS accuracy_masked_published,
    r.accuracy_masked - p.accuracy_masked AS accuracy_masked_difference,
    r."drop", p."drop" AS drop_published,
    r.drop_pct, p.drop_pct AS drop_pct_published,
    r.retain_rate, p.retain_rate AS retain_rate_published,
    r.fix_rate, p.fix_rate AS fix_rate_published,
    r.n_correct_raw, p.n_correct_raw AS n_correct_raw_published,
    r.n_incorrect_raw, p.n_incorrect_raw AS n_incorrect_raw_published
FROM raw_vs_masked AS r
JOIN reference_accuracy AS p USING (category)
JOIN (
    SELECT
        run, category,
        accuracy_end(n, correct, -1) AS accuracy_raw_low,
        accuracy_end(n, correct, 1) AS accuracy_raw_high
    FROM (
        SELECT run, category, scene_id, count(*) AS n, count(*) FILTER (correct_raw) AS correct
        FROM answer_pair
        GROUP BY run, category, scene_id
    )
    GROUP BY run, category
) AS o ON o.run = r.run AND o.category = r.category;

COMMENT ON VIEW versus_published IS 'One row per run, published source and category: raw_vs_masked beside the published figures. The study''s stand for Qwen3-VL-4B-Instruct on its own questions (question_set seed).';
COMMENT ON COLUMN versus_published.accuracy_raw_low IS '95% interval of accuracy_raw over scenes, lower end.';
COMMENT ON COLUMN versus_published.accuracy_raw_published_low IS 'Wilson 95% interval of the published accuracy: which questions share a scene wasn''t published, so it is too narrow.';
COMMENT ON COLUMN versus_published.accuracy_raw_difference IS 'The run less the published figure.';
