"""A whole table or view into a file."""

from difflib import get_close_matches
from pathlib import Path

from relcli.errors import UsageError
from relcli.warehouse.copy_out import copy_to_file
from relcli.warehouse.reads import read
from relcli.warehouse.unknown import require_run


def copy_table(database: Path | str, table: str, target: Path, *, run: str | None = None) -> int:
    """Write a table or view, or one run's rows of it, to a .csv, .parquet or .json file.

    Returns the number of rows. Raises UsageError for a table or run that isn't there or, with `run`, a table
    that has no runs, otherwise as `copy_to_file`.
    """
    known = {row["table_name"]: row["has_run"] for row in read(database, "relations").as_dicts()}
    if table not in known:
        near = get_close_matches(table, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
        raise UsageError(f"There is no table or view {table!r} in {database}; {hint}")
    if run is None:
        return copy_to_file(database, f'FROM "{table}"', None, target)
    if not known[table]:
        raise UsageError(f"The rows of {table} belong to no run: leave {run} away.")
    require_run(database, run)
    return copy_to_file(database, f'FROM "{table}" WHERE run = $run', {"run": run}, target)
