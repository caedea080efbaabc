-- An end of the 95% interval of a difference in accuracy between paired answers, questions of a scene allowed to agree:
-- lower for side -1, upper for 1. Aggregates rows of one scene each: its questions, and how many more of them are right.
-- Bonett & Price, Journal of Educational and Behavioral Statistics 37 (2012), over scenes: one scene wholly gained and
-- one wholly lost, of common size, are added before the clustered error is taken, so that a few changes don't pass for
-- knowing the spread. Where all scenes agree: exact over scenes. Coverage: tests/sql/test_statistics_coverage.py.
CREATE OR REPLACE MACRO difference_end(n, change, side) AS
    CASE
        WHEN min(change / n) = max(change / n)
            THEN min(change / n) + surely_below(count(n)) * (side - min(change / n))
        WHEN count(n) > 0 THEN list_transform([{
            'n': count(n), 'total': sum(n) + 2 * sqrt(sum(n * n) / count(n)), 'change': sum(change), 'nn': sum(n * n),
            'nc': sum(n * change), 'cc': sum(change * change)
        }], lambda x: least(1.0, greatest(-1.0, x.change / x.total + side * 1.959963984540054 / x.total
            * sqrt((x.n + 2) / (x.n + 1) * greatest(0, x.cc - 2 * x.change / x.total * x.nc
                + (x.change / x.total) ^ 2 * x.nn + 2 * x.nn / x.n * (1 + (x.change / x.total) ^ 2))))))[1]
    END;
COMMENT ON MACRO difference_end IS 'An aggregate over scenes: an end (side -1 or 1) of the 95% interval of a difference in accuracy, questions of a scene allowed to agree.';
