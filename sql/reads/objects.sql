-- Macros and views of the warehouse with their text, as DuckDB writes it, and their comment.
SELECT 'VIEW' AS kind, view_name AS name, concat_ws(' -- ', sql, comment) AS text
FROM duckdb_views()
WHERE NOT internal AND schema_name = 'main' AND database_name = current_database()
UNION ALL
SELECT
    'MACRO',
    function_name,
    string_agg(
        concat_ws(' -> ', parameters::VARCHAR, macro_definition, comment), '; ' ORDER BY parameters::VARCHAR
    )
FROM duckdb_functions()
WHERE NOT internal AND schema_name = 'main' AND database_name = current_database()
    AND function_type IN ('macro', 'table_macro')
GROUP BY function_name
ORDER BY kind, name;
