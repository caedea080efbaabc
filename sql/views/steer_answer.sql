CREATE OR REPLACE VIEW steer_answer AS
FROM edited_answer('steer');

COMMENT ON VIEW steer_answer IS 'One row per answer given with attention steered, controls included, beside the plain answer to the same question.';
COMMENT ON COLUMN steer_answer.control_of IS 'For a random set of as many heads: what it is the control of; NULL else.';
COMMENT ON COLUMN steer_answer.change IS 'Log-odds of the right option steered minus before; above 0 where the right answer has become likelier.';
