-- Is a difference between paired answers more than chance, questions of a scene allowed to agree? Aggregates rows of one
-- scene each: how many more of its questions are right. 1 where nothing changed or what changed cancels out.
CREATE OR REPLACE MACRO sign_flip_p(change) AS sign_flip(histogram(abs(change::BIGINT)), sum(change)::BIGINT);
COMMENT ON MACRO sign_flip_p IS 'An aggregate over scenes: two-sided mid-p of the sign-flip test of no difference, questions of a scene allowed to agree.';
