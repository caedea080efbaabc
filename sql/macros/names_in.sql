-- The objects a text names by colour and shape, in its order and in lower case.
CREATE OR REPLACE MACRO names_in(words) AS
    regexp_extract_all(lower(words),
        '\b(?:red|green|blue|yellow|magenta|cyan|purple|orange) (?:circle|square|rectangle|triangle)\b');
COMMENT ON MACRO names_in IS 'The objects a text names by colour and shape, in order and in lower case.';
