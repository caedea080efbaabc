-- Exact two-sided McNemar test: how likely a split of the b + c changed pairs at least as uneven as this is, if both
-- directions are equally likely. 1 without changes. The tail is summed over the ten standard deviations next to the
-- smaller count; what lies beyond is under 1e-22 of it.
CREATE OR REPLACE MACRO mcnemar_p(b, c) AS
    least(1.0, 2 * list_sum(list_transform(
        range(greatest(0, least(b, c) - 50 - ceil(5 * sqrt(b + c))::BIGINT)::BIGINT, least(b, c)::BIGINT + 1),
        lambda k: binomial_half(k, b + c))));
COMMENT ON MACRO mcnemar_p IS 'Exact two-sided McNemar p-value of b changes one way and c the other.';
