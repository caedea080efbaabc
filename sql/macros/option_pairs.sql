-- The pairs of objects an option of explicit_connection lists, without direction and in a fixed order; empty where it
-- isn't worded as a list of pairs.
CREATE OR REPLACE MACRO option_pairs(option) AS
    CASE WHEN regexp_full_match(lower(option), '(the \w+ \w+ with the \w+ \w+)( and the \w+ \w+ with the \w+ \w+)*') THEN
        list_sort(list_distinct(list_transform(
            regexp_extract_all(lower(option), 'the \w+ \w+ with the \w+ \w+'),
            lambda pair: array_to_string(list_sort(names_in(pair)), ' + '))))
    ELSE [] END;
COMMENT ON MACRO option_pairs IS 'The pairs of objects that an option of explicit_connection lists, without direction.';
