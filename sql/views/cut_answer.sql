CREATE OR REPLACE VIEW cut_answer AS
FROM edited_answer('knock-out');

COMMENT ON VIEW cut_answer IS 'One row per answer given with attention cut, controls included, beside the plain answer to the same question.';
COMMENT ON COLUMN cut_answer.control_of IS 'For a matched random set: the cut it belongs to; NULL for a cut.';
COMMENT ON COLUMN cut_answer.flipped IS 'The choice differs from the plain answer''s.';
COMMENT ON COLUMN cut_answer.log_odds IS 'Of the right option against the other options and None, at the first step.';
COMMENT ON COLUMN cut_answer.change IS 'Log-odds with the cut minus without; below 0 where the right answer has become less likely.';
