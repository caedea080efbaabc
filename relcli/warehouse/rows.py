"""Any SQL in, plain Python rows out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb
from numpy.typing import NDArray

from relcli.errors import RelcliError, UsageError
from relcli.warehouse.failures import first_line, is_about_file
from relcli.warehouse.opening import connect, missing_in_older

_SHUT_OFF = ("disabled by configuration", "configuration has been locked", "disabled through configuration")


@dataclass(frozen=True, slots=True)
class Rows:
    """A result: column names, their DuckDB types, and rows of Python values.

    `truncated` says that there were more rows than the limit.
    """

    columns: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool = False

    def as_dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def query(
    path: Path | str,
    sql: str,
    params: Mapping[str, Any] | Sequence[Any] | None = None,
    limit: int | None = None,
    read_only: bool = True,
    timeout_s: float = 10,
    allow_external: bool = False,
) -> Rows:
    """Run SQL (of several statements the last one's rows are given back) and fetch at most `limit` rows.

    Without `allow_external` it touches no file but the warehouse. Raises RelcliError with DuckDB's own first
    line if the SQL is wrong, UsageError for SQL that would write files, WarehouseError if the file can't be
    opened.
    """
    if not allow_external and not read_only:
        check_writing(sql)
    with connect(
        path, read_only=read_only, timeout_s=timeout_s, allow_external=allow_external
    ) as connection:
        return fetch(connection, path, sql, params, limit)


def arrays(found: duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation) -> dict[str, NDArray]:
    """The rows of a statement as one numpy array a column (masked arrays where there are NULLs)."""
    # With pandas at hand DuckDB's stub names its Categorical too, which only ENUM columns yield.
    return cast(dict[str, NDArray], found.fetchnumpy())


def check_writing(sql: str) -> None:
    """UsageError for SQL with a COPY in it: a writer may open the warehouse's own files, and a COPY could
    write over them."""
    try:
        tokens = duckdb.tokenize(sql)
    except duckdb.Error:
        return  # DuckDB will say what is wrong
    ends = [start for start, _ in tokens[1:]] + [len(sql.encode())]
    for (start, kind), end in zip(tokens, ends, strict=True):
        word = sql.encode()[start:end].decode(errors="replace").strip().lower()
        if kind == duckdb.token_type.keyword and word == "copy":
            raise UsageError(
                "COPY reads and writes files: `relcli sql --allow-external` lets it for one call; "
                "`relcli export` writes tables."
            )


def fetch(
    connection: duckdb.DuckDBPyConnection,
    path: Path | str,
    sql: str,
    params: Mapping[str, Any] | Sequence[Any] | None = None,
    limit: int | None = None,
) -> Rows:
    """The same on a connection that is open to the warehouse at `path`."""
    try:
        connection.execute(sql, dict(params) if isinstance(params, Mapping) else params)
        if connection.description is None:
            return Rows([], [], [])
        columns = [str(column[0]) for column in connection.description]
        types = [str(column[1]).strip('"') for column in connection.description]
        rows = connection.fetchall() if limit is None else connection.fetchmany(limit + 1)
    except duckdb.Error as error:
        # An IO error may also be about a file the SQL itself names.
        of_the_sql = isinstance(error, duckdb.IOException) and Path(path).name not in str(error)
        if is_about_file(error) and not of_the_sql:
            raise
        raise RelcliError(_sentence(path, connection, error)) from error
    truncated = limit is not None and len(rows) > limit
    return Rows(columns, types, rows[:limit] if truncated else rows, truncated)


def _sentence(path: Path | str, connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> str:
    text = str(error)
    if "LocalFileSystem" in text:  # a reader's: also where rows should go to disk, for want of memory
        return (
            "SQL that reads may open no file, not even to lay aside what does not fit into memory: ask for "
            "less at once, or `relcli sql --allow-external` lets it for one call."
        )
    if any(sign in text for sign in _SHUT_OFF):
        said = first_line(text).rstrip(".")
        return (
            f"SQL may not touch other files, databases, extensions or settings ({said}); `relcli sql "
            "--allow-external` lets it for one call."
        )
    if "'pytz'" in text:  # which the client wants for one type only
        return "Values of TIMESTAMP WITH TIME ZONE can't be fetched: cast them, as in now()::TIMESTAMP."
    if isinstance(error, (duckdb.CatalogException, duckdb.BinderException)):
        older = missing_in_older(path, connection, error)
        if older is not None:
            return older
    if "base table" in text:
        return f"{first_line(text)} (inference and attention are views of answer and answer_attention)."
    if "read-only" in text:
        return f"{first_line(text)} (the warehouse is opened for reading)"
    lines = [line.strip() for line in text.strip().splitlines()]
    hint = next(
        (f" {line}" for line in lines[1:] if line.startswith(("Did you mean", "Candidate bindings"))), ""
    )
    return first_line(text).rstrip() + hint
