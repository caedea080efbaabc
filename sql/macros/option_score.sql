-- Log-probability of one option: logprobs as in answer.option_logprobs, option as a) or None. Differences of two are logit
-- differences.
CREATE OR REPLACE MACRO option_score(logprobs, option) AS
    finite(logprobs[CASE WHEN lower(option) = 'none' THEN len(logprobs) ELSE ascii(lower(option)) - 96 END]);
COMMENT ON MACRO option_score IS 'Log-probability of one option, from the list that an answer keeps.';
