-- The tables that hold a data set's scenes, with the columns that are pictures. Regions follow from the rest.
SELECT table_name, list(column_name ORDER BY column_index) FILTER (data_type = 'BLOB') AS pictures
FROM duckdb_columns()
SEMI JOIN duckdb_tables() USING (database_name, schema_name, table_name)
WHERE NOT internal AND database_name = current_database() AND schema_name = 'main'
GROUP BY table_name
HAVING bool_or(column_name = 'dataset') AND bool_or(column_name = 'scene_id') AND NOT bool_or(column_name = 'run')
    AND table_name <> 'region'
ORDER BY table_name;
