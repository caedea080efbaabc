"""A run that isn't there: the sentence that says so, and the check."""

from difflib import get_close_matches
from pathlib import Path

import duckdb

from relcli.errors import UsageError
from relcli.warehouse.opening import connect, scalar

_NAMES = "SELECT run FROM run ORDER BY started_at DESC, run"


def unknown_run(
    database: Path | str, run: str, connection: duckdb.DuckDBPyConnection | None = None
) -> UsageError:
    """The error to raise, with the nearest run that is there. `connection`: one that is open already."""
    if connection is None:
        with connect(database, read_only=True) as own:
            names = own.execute(_NAMES).fetchall()
    else:
        names = connection.execute(_NAMES).fetchall()
    near = get_close_matches(run, [name for (name,) in names], n=1)
    hint = f"did you mean {near[0]}?" if near else "relcli runs list shows those there are."
    return UsageError(f"There is no run {run} in {database}; {hint}")


def require_run(database: Path | str, run: str) -> None:
    """Raise UsageError, with the nearest run that is there, unless the warehouse has this run."""
    with connect(database, read_only=True) as connection:
        if not scalar(connection, "SELECT count(*) FROM run WHERE run = ?", [run]):
            raise unknown_run(database, run, connection)
