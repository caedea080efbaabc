-- The tables that hold a data set, with what a row is, the columns that are pictures, and those that put rows in order.
-- Regions and what the words alone give away follow from the rest.
SELECT
    t.table_name,
    t.comment,
    list(c.column_name ORDER BY c.column_index) FILTER (c.data_type = 'BLOB') AS pictures,
    list(c.column_name ORDER BY c.column_index)
        FILTER (regexp_matches(c.column_name, '^(scene_id|variant|question_index|entity_id|relation_index)$')) AS keys
FROM duckdb_tables() AS t
JOIN duckdb_columns() AS c USING (database_name, schema_name, table_name)
WHERE NOT t.internal AND t.database_name = current_database() AND t.schema_name = 'main'
    AND t.table_name NOT IN ('dataset', 'region', 'words_alone')
GROUP BY t.table_name, t.comment
HAVING bool_or(c.column_name = 'dataset') AND NOT bool_or(c.column_name = 'run')
ORDER BY t.table_name;
