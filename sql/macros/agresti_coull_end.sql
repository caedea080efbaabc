-- An end of the Agresti-Coull 95% interval of a share of n (n need not be whole): lower for side -1, upper for 1.
CREATE OR REPLACE MACRO agresti_coull_end(share, n, side) AS
    list_transform([(share * n + 1.959963984540054 ^ 2 / 2) / (n + 1.959963984540054 ^ 2)], lambda middle:
        least(1.0, greatest(0.0,
            middle + side * 1.959963984540054 * sqrt(middle * (1 - middle) / (n + 1.959963984540054 ^ 2)))))[1];
COMMENT ON MACRO agresti_coull_end IS 'An end (side -1 or 1) of the Agresti-Coull 95% interval of a share of n.';
