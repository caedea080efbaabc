-- Holm's correction: a p-value after correction for its family (a list with it in). The i-th smallest of m is multiplied
-- by m - i + 1 and never falls below the ones before it. NULLs don't count. Holm, Scand. J. Statist. 6 (1979).
CREATE OR REPLACE MACRO holm(p, family) AS
    CASE WHEN p IS NOT NULL THEN
        least(1.0, list_max(list_transform(list_filter(family, lambda smaller: smaller <= p), lambda smaller:
            smaller * len(list_filter(family, lambda other: other >= smaller)))))
    END;
COMMENT ON MACRO holm IS 'A p-value after Holm''s correction for its family, the list of all p-values it stands among.';
