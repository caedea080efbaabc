-- What a question can name: tables, views and macros with their comments. One row a column; of a macro, a parameter.
WITH thing AS (
    SELECT 'table' AS kind, table_oid AS oid, table_name AS name, comment
    FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()
    UNION ALL
    SELECT 'view', view_oid, view_name, comment
    FROM duckdb_views() WHERE NOT internal AND database_name = current_database()
)
SELECT t.kind, t.name, t.comment, c.column_index AS position, c.column_name, c.data_type, c.comment AS column_comment
FROM thing AS t
JOIN duckdb_columns() AS c ON c.table_oid = t.oid AND c.database_name = current_database()
UNION ALL
SELECT 'macro', function_name, comment, generate_subscripts(parameters, 1), unnest(parameters), NULL, NULL
FROM duckdb_functions() WHERE NOT internal AND database_name = current_database()
ORDER BY ALL;
