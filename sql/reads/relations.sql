-- Tables and views of the warehouse by name, and whether their rows belong to runs.
SELECT table_name, bool_or(column_name = 'run') AS has_run
FROM duckdb_columns()
WHERE NOT internal AND database_name = current_database() AND schema_name = 'main'
GROUP BY table_name
ORDER BY table_name;
