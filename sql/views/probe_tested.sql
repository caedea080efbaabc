CREATE OR REPLACE VIEW probe_tested AS
WITH joined AS (
    -- Whether answers are right is another question than what their features tell: a family of its own.
    SELECT *, label = 'correct' AS of_grades, if(p_layers IS NULL, NULL, greatest(p_layers, p_majority, p_prompt)) AS p
    FROM probe_test
), families AS (
    -- Labels of the family that were not probed, or not yet, count as p-values of 1.
    SELECT
        run,
        probe,
        of_grades,
        list(p) FILTER (p IS NOT NULL)
            || list_transform(range(greatest(0, max(n_family) - count(p))), lambda _: 1.0::DOUBLE) AS family
    FROM joined
    GROUP BY run, probe, of_grades
)
SELECT j.* EXCLUDE (of_grades), holm(j.p, f.family) AS p_holm
FROM joined AS j
JOIN families AS f USING (run, probe, of_grades);

COMMENT ON VIEW probe_tested IS 'One row per probe and label that was tested: probe_test with its p-value over all controls, and after Holm''s correction.';
COMMENT ON COLUMN probe_tested.p IS 'The largest of p_layers, p_majority and p_prompt (an intersection-union test); NULL without permutations.';
COMMENT ON COLUMN probe_tested.p_holm IS 'p after Holm''s correction; the family is n_family labels, those not probed at p = 1; of the label correct, which is a family of its own, n_family categories.';
