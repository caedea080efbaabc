-- Cell by cell sum of a list of vectors; NULL of none.
CREATE OR REPLACE MACRO cell_sum(vectors) AS
    list_reduce(vectors, lambda a, b: list_transform(list_zip(a, b), lambda pair: pair[1] + pair[2]));
COMMENT ON MACRO cell_sum IS 'Cell by cell sum of a list of vectors of one length; NULL for NULL.';
