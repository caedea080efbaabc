"""The warehouse: one DuckDB file, its spool of Parquet parts, and the SQL that reads them.

`duckdb` is imported here and nowhere else. Nothing holds the file open: see `relcli.warehouse.opening`.
"""
