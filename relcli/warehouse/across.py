"""Rows between the warehouse and other files, through a second connection: the warehouse's own opens none.

The rows go over as an Arrow stream, in DuckDB's own types and without a copy in Python.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

_OF_THE_RELATION = re.compile(
    r"registered as '.*?' failed: (?:(\w+): )?((?:([\w ]+) Error: )?.*)", re.DOTALL
)
"""The class and the message of what went wrong in the relation's SQL. Where no class is named, as while rows
are read, the message begins with the kind."""


class _Stream:
    """A relation as nothing but an Arrow stream: DuckDB takes that from another connection."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


@contextmanager
def beside() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in memory that may read and write files, but not fetch extensions."""
    config: dict[str, Any] = {
        "arrow_lossless_conversion": "true",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        yield connection
    finally:
        connection.close()


def parquet(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: str = "*"
) -> duckdb.DuckDBPyRelation:
    """The rows of Parquet files, whose names are taken as they are: not as patterns, nor, where a folder's
    name holds a `=`, as columns."""
    names = [re.sub(r"([\[*?])", r"[\1]", str(file)) for file in files]
    read = f"SELECT {columns} FROM read_parquet($files, hive_partitioning = false)"
    return connection.sql(read, params={"files": names})


@contextmanager
def lent(
    to: duckdb.DuckDBPyConnection, name: str, relation: duckdb.DuckDBPyRelation
) -> Iterator[duckdb.DuckDBPyConnection]:
    """`relation`, of another connection, as a table `name` of `to`.

    Its query runs anew for every statement, and once more for each time that one is bound: lend stored rows,
    and let `streamed` give what is computed. What goes wrong in the relation's own SQL is raised by that
    statement.
    """
    with _registered(to, name, _Stream(relation)):
        yield to


@contextmanager
def streamed(
    to: duckdb.DuckDBPyConnection, name: str, relation: duckdb.DuckDBPyRelation
) -> Iterator[duckdb.DuckDBPyConnection]:
    """As `lent`, for one statement that reads the table once: the relation's query starts here and runs once.

    Its connection must do nothing else meanwhile. What goes wrong in its SQL is raised here or by the
    statement.
    """
    with _registered(to, name, relation.__arrow_c_stream__()):
        yield to


@contextmanager
def _registered(to: duckdb.DuckDBPyConnection, name: str, rows: object) -> Iterator[None]:
    try:
        to.register(name, rows)
        yield
    except duckdb.InvalidInputException as error:
        if found := _OF_THE_RELATION.search(str(error)):
            kind = found[1] or f"{(found[3] or '').replace(' ', '')}Exception"
            raise getattr(duckdb, kind, duckdb.Error)(found[2]) from error
        raise
    finally:
        to.unregister(name)
