"""Python rows into a DuckDB table, fast: one typed list parameter per column, unnested in SQL.

Measured: 0.25 s for 25,000 questions, where `executemany` takes 1.4 s for 2,000.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import duckdb

_CHUNK = 2000


def column_types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Column names and DuckDB types of a table, in its order."""
    return {
        name: kind
        for name, kind in connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
    }


def unnest_columns(types: Mapping[str, str]) -> str:
    """Select list that turns one list parameter per column back into rows."""
    return ", ".join(f'unnest(${i}::{kind}[]) AS "{name}"' for i, (name, kind) in enumerate(types.items(), 1))


def insert_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    or_ignore: bool = False,
) -> int:
    """Insert mappings; returns how many rows were given.

    A column that no row names takes its default; one that only some name is NULL in the others.

    Raises KeyError for a name the table doesn't have, and duckdb.Error for values that don't fit.
    """
    types = column_types(connection, table)
    verb = "INSERT OR IGNORE INTO" if or_ignore else "INSERT INTO"
    total, source = 0, iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        named = {name for row in chunk for name in row}
        if unknown := named - types.keys():
            raise KeyError(f"no such column: {', '.join(sorted(unknown))}")
        used = {name: kind for name, kind in types.items() if name in named}
        statement = f'{verb} "{table}" BY NAME SELECT {unnest_columns(used)}'
        connection.execute(statement, as_columns(chunk, used))
        total += len(chunk)
    return total


def as_columns(rows: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> list[list[Any]]:
    """The rows turned on their side: a list per column of `types`."""
    unknown = {name for row in rows for name in row} - types.keys()
    if unknown:
        raise KeyError(f"no such column: {', '.join(sorted(unknown))}")
    return [[row.get(name) for row in rows] for name in types]
