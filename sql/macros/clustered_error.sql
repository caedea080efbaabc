-- Standard error of a difference in accuracy over questions that stand in scenes, those of a scene allowed to agree: the
-- error of a ratio of sums. Aggregates rows of one scene each: its questions, and how many more of them are right.
-- Cameron & Miller, Journal of Human Resources 50 (2015).
CREATE OR REPLACE MACRO clustered_error(n, change) AS
    CASE WHEN count(n) > 1 THEN
        sqrt(count(n) / (count(n) - 1) * greatest(0, sum(change * change)
             - 2 * sum(change) / sum(n) * sum(change * n) + (sum(change) / sum(n)) ^ 2 * sum(n * n))) / sum(n)
    END;
COMMENT ON MACRO clustered_error IS 'An aggregate over scenes: standard error of a difference in accuracy, questions of a scene allowed to agree; NULL below two scenes.';
