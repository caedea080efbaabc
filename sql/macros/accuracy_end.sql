-- An end of the 95% interval of an accuracy over questions that stand in scenes, those of a scene allowed to agree: lower
-- for side -1, upper for 1. Aggregates rows of one scene each: its questions, and how many of them are right.
-- Agresti & Coull, The American Statistician 52 (1998), at the effective number of questions: n over the design effect
-- (Kish, 1965), at least 1 and drawn towards full agreement where few scenes' worth of answers are of the rarer kind, too few to tell.
-- Where all scenes agree: exact over scenes. Coverage is simulated in tests/sql/test_statistics_coverage.py.
CREATE OR REPLACE MACRO accuracy_end(n, correct, side) AS
    CASE
        WHEN min(correct / n) = max(correct / n)
            THEN min(correct / n) + surely_below(count(n)) * if(side > 0, 1 - min(correct / n), -min(correct / n))
        WHEN count(n) > 0 THEN agresti_coull_end(sum(correct) / sum(n), sum(n) / list_transform([{
            'few': least(sum(correct), sum(n) - sum(correct)) * sum(n) / sum(n * n),
            'agreeing': sum(n * n) / sum(n),
            'effect': greatest(1, count(n) / (count(n) - 1) / (sum(correct) / sum(n) * (sum(n) - sum(correct)))
                * (sum(correct * correct) - 2 * sum(correct) / sum(n) * sum(correct * n)
                   + (sum(correct) / sum(n)) ^ 2 * sum(n * n)))
        }], lambda x: (x.few * x.effect + 2 * x.agreeing) / (x.few + 2))[1], side)
    END;
COMMENT ON MACRO accuracy_end IS 'An aggregate over scenes: an end (side -1 or 1) of the 95% interval of an accuracy, questions of a scene allowed to agree.';
