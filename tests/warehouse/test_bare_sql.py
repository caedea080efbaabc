"""What stands behind a statement goes, what stands in it stays."""

import duckdb
import pytest

from relcli.warehouse.bare_sql import bare


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1; -- three", "SELECT 1"),
        ("SELECT 1 -- a; b\n", "SELECT 1"),
        ("select ';' ; /* x */ ;;\n", "select ';'"),
        ("-- é\nSELECT '-- é;' AS x;\n-- y", "-- é\nSELECT '-- é;' AS x"),
        ("FROM range(3)", "FROM range(3)"),
        ("SELECT 'open", "SELECT 'open"),
        ("", ""),
    ],
)
def test_bare(sql, expected):
    assert bare(sql) == expected
    if expected and "open" not in sql:
        with duckdb.connect() as connection:
            inner = connection.execute(f"FROM (\n{expected}\n)").fetchall()
            assert inner == connection.execute(sql).fetchall()
