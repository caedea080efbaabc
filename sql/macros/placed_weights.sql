-- Weights without those of tokens that stand nowhere on the picture. As they are where all have a place.
CREATE OR REPLACE MACRO placed_weights(weights, lefts, n_placed) AS
    CASE WHEN n_placed = len(lefts) THEN weights
    ELSE list_transform(weights, lambda weight, i: if(lefts[i] IS NULL, 0::FLOAT, weight)) END;
COMMENT ON MACRO placed_weights IS 'A vector of weights with 0 for tokens that stand nowhere on the picture.';
