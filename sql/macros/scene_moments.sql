-- What a mean over questions of scenes and its error are made of. Aggregates rows of one scene each: the number of its questions
-- (or, for a ratio of two quantities, the sum of the lower one), and the sum of the quantity. Scenes where either is NULL don't
-- count.
CREATE OR REPLACE MACRO scene_moments(n, total) AS
    struct_pack(
        scenes := count(n * total),
        n := sum(if(total IS NOT NULL, n, NULL))::DOUBLE,
        total := sum(if(n IS NOT NULL, total, NULL))::DOUBLE,
        nn := sum(if(total IS NOT NULL, n * n, NULL))::DOUBLE,
        nt := sum(n * total)::DOUBLE,
        tt := sum(if(n IS NOT NULL, total * total, NULL))::DOUBLE
    );
COMMENT ON MACRO scene_moments IS 'An aggregate over scenes: sums that a mean over questions and the ends of its interval are made of.';
