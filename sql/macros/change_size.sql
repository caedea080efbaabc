-- How many questions a scene that changes changes by, weighted by that number: what one of them counts in the sum. One
-- scene of common size that changes wholly is added, which is all there is where nothing changed.
CREATE OR REPLACE MACRO change_size(n, change) AS
    (sum(change * change) + (sum(n * n) / sum(n)) ^ 2) / (sum(abs(change)) + sum(n * n) / sum(n));
COMMENT ON MACRO change_size IS 'An aggregate over scenes: the questions that a changed scene changes by.';
