-- The share of scenes that change either way without any drop: those that changed the rarer way, and one more, since few
-- are badly known; half the upper 95% bound of the share that changes where nothing did.
CREATE OR REPLACE MACRO background_change(n, change) AS
    CASE WHEN max(abs(change)) > 0 THEN
        (least(sum(greatest(change, 0)), sum(greatest(-change, 0))) / change_size(n, change) + 1) / count(n)
    ELSE (1 - 0.05 ^ (1.0 / count(n))) / 2 END;
COMMENT ON MACRO background_change IS 'An aggregate over scenes: the share of scenes that change each way without any drop, counted high where few changed.';
