"""The rows of a query into a file, whole or not at all: csv, json or parquet, by the file's ending."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from relcli.atomic import replaced
from relcli.errors import RelcliError, UsageError
from relcli.warehouse.across import beside, streamed
from relcli.warehouse.bare_sql import bare
from relcli.warehouse.failures import explain, first_line
from relcli.warehouse.opening import connect
from relcli.warehouse.quoting import literal

FORMATS = {
    "csv": "FORMAT csv, HEADER",
    "json": "FORMAT json, ARRAY",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


def copy_to_file(
    database: Path | str, sql: str, params: Mapping[str, Any] | None, target: Path, timeout_s: float = 10
) -> int:
    """Write what one SELECT gives to `target`; returns the number of rows. DuckDB writes all three formats.

    Raises UsageError for another ending or a folder that isn't there, RelcliError for wrong SQL,
    WarehouseError as `connect`. A file of that name is replaced once the new one is complete.
    """
    target = Path(target).expanduser()
    options = FORMATS.get(target.suffix.removeprefix(".").lower())
    if options is None:
        raise UsageError(f"{target} must end in .csv, .json or .parquet, which says how it is written.")
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent}: name one that exists.")
    if target.is_dir():
        raise UsageError(f"{target} is a folder: name a file.")
    select = bare(sql)
    try:
        with (
            replaced(target) as temporary,
            connect(database, read_only=True, timeout_s=timeout_s) as connection,
            beside() as other,
        ):
            try:
                # On lines of its own: the SQL may end in a comment.
                found = connection.sql(f"FROM (\n{select}\n)", params=dict(params) if params else None)
                with streamed(other, "found", found):
                    rows = other.execute(
                        f"COPY (FROM found) TO {literal(str(temporary))} ({options})"
                    ).fetchall()
            except duckdb.IOException as error:
                raise explain(target, error) from error
            except duckdb.Error as error:
                raise RelcliError(first_line(str(error))) from error
    except OSError as error:
        raise explain(target, error) from error
    return int(rows[0][0])
