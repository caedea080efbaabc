-- Log-odds of the right option against all others and None: logprobs as in answer.option_logprobs, truth as a) or None.
CREATE OR REPLACE MACRO option_log_odds(logprobs, truth) AS
    list_transform(
        [CASE WHEN lower(truth) = 'none' THEN len(logprobs) ELSE ascii(lower(truth)) - 96 END],
        lambda place: CASE WHEN place BETWEEN 1 AND len(logprobs) AND len(logprobs) > 1 THEN list_transform(
            [list_filter(logprobs, lambda other, i: i <> place)],
            lambda others: finite(logprobs[place]
                - (list_max(others) + ln(list_sum(list_transform(others, lambda other: exp(other - list_max(others))))))))[1]
        END)[1];
COMMENT ON MACRO option_log_odds IS 'Log-odds of the right option against the other options and None.';
