"""Rows of the warehouse as DuckDB relations that outlive the opening of the file."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from relcli.errors import RelcliError
from relcli.warehouse.across import streamed
from relcli.warehouse.failures import first_line
from relcli.warehouse.opening import connect
from relcli.warehouse.quoting import identifier

_FRAMES = ("pandas", "polars", "pyarrow")


def taken(
    path: Path | str, sql: str, params: Mapping[str, Any] | None = None, timeout_s: float = 10
) -> duckdb.DuckDBPyRelation:
    """The rows of one SELECT, copied into a database in memory: nobody holds the warehouse's file for them.

    Raises RelcliError with DuckDB's first line for wrong SQL and for anything but one SELECT, WarehouseError
    as `connect`.
    """
    memory = duckdb.connect(":memory:", config={"arrow_lossless_conversion": "true"})
    # On lines of its own: the SQL may end in a comment.
    text = f"FROM (\n{sql.strip().rstrip(';')}\n)"
    with connect(path, read_only=True, timeout_s=timeout_s) as connection:
        try:
            _one_select(memory, sql)
            with streamed(memory, "lent", connection.sql(text, params=dict(params) if params else None)):
                memory.execute("CREATE TABLE rows AS FROM lent")
        except duckdb.Error as error:
            raise RelcliError(first_line(str(error))) from error
    return memory.table("rows")


def _one_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """RelcliError for SQL that has no rows to take; duckdb.Error for what is no SQL."""
    statements = connection.extract_statements(sql)
    kinds = [statement.type.name for statement in statements]
    if len(kinds) == 1 and kinds[0] in ("SELECT", "MULTI"):  # MULTI: a PIVOT
        return
    given = f"{len(kinds)} statements" if len(kinds) != 1 else kinds[0].replace("_", " ")
    raise RelcliError(
        f"One SELECT is read here, not {given if kinds else 'an empty text'}: `relcli sql --write` changes a "
        "warehouse."
    )


def rows_of(path: Path | str, table: str, run: str | None = None) -> duckdb.DuckDBPyRelation:
    """The rows of a table or view, those of one run if it is named. The name is taken as it is."""
    where = " WHERE run = $run" if run is not None else ""
    return taken(path, f"FROM {identifier(table)}{where}", None if run is None else {"run": run})


def framed(relation: duckdb.DuckDBPyRelation, how: str) -> Any:
    """A relation in another library's form: how is df (pandas), pl (polars) or to_arrow_table (pyarrow).

    Raises RelcliError that names the library where it isn't installed.
    """
    try:
        return getattr(relation, how)()
    except (ModuleNotFoundError, duckdb.InvalidInputException) as problem:
        named = getattr(problem, "name", None) or str(problem)
        missing = next((name for name in _FRAMES if re.search(rf"\b{name}\b", named)), None)
        if missing is None:
            raise
        raise RelcliError(
            f"This needs {missing}, which is not installed: pip install {missing}. dicts() and fetchall() "
            "need nothing."
        ) from None
