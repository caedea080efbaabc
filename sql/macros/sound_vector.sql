-- A vector of weights if it is one: of this many cells, none missing, infinite or negative. NULL otherwise. DuckDB's list
-- functions refuse the whole query for a NULL inside a vector (even one that a CASE or WHERE leaves out, hence the two
-- filters) or for two lengths, so one damaged row would keep every run's rows from being read.
CREATE OR REPLACE MACRO sound_vector(vector, n_cells) AS
    list_filter(
        [list_filter(vector, lambda weight: weight >= 0 AND weight < 'infinity'::FLOAT)],
        lambda kept: len(kept) = n_cells AND len(vector) = n_cells)[1];
COMMENT ON MACRO sound_vector IS 'A vector of weights that has this many cells, all of them finite and none negative; NULL for any other.';
