-- Every table and view with its comment and its columns, for the page of the documentation about them.
WITH relation AS (
    SELECT 'table' AS kind, table_name AS name, comment FROM duckdb_tables() WHERE NOT internal AND NOT temporary
    UNION ALL
    SELECT 'view', view_name, comment FROM duckdb_views() WHERE NOT internal AND NOT temporary
)
SELECT kind, name, relation.comment, list({name: column_name, type: data_type, comment: c.comment} ORDER BY column_index) AS columns
FROM relation
JOIN duckdb_columns() AS c ON c.table_name = relation.name
GROUP BY ALL
ORDER BY kind, name;
