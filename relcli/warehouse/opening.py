"""Short connections: open, do, close.

DuckDB lets one process write or many processes read. So nobody keeps the file open; whoever finds it locked
tries again for a while, and then says who holds it.
"""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import duckdb

from relcli.errors import WarehouseError
from relcli.paths import sql_dir
from relcli.warehouse.failures import explain, first_line, is_about_file, is_lock_error

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.01, 0.1
# Within a process the file's lock holds nobody off, and two writers' transactions would collide.
_ONE_WRITER = threading.RLock()


def latest_version() -> int:
    """The schema version this relcli knows: the highest number in sql/migrations."""
    return max(int(path.name.split("_")[0]) for path in (sql_dir() / "migrations").glob("[0-9]*.sql"))


def scalar(connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any] | None = None) -> Any:
    """The first value of the first row, None without rows; unlike `fetchone` it leaves no result open."""
    rows = connection.execute(sql, params).fetchall()
    return rows[0][0] if rows else None


def rollback(connection: duckdb.DuckDBPyConnection) -> None:
    """End a failed transaction, if the failure has not ended it already (a failed commit does)."""
    with suppress(duckdb.Error):
        connection.execute("ROLLBACK")


def schema_version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Version of an open file; 0 if it holds nothing at all, None if it holds something that isn't ours."""
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "schema_migration" in tables:
        return int(scalar(connection, "SELECT coalesce(max(version), 0) FROM schema_migration"))
    return None if tables else 0


def open_file(path: Path, *, read_only: bool, timeout_s: float) -> duckdb.DuckDBPyConnection:
    """Open an existing file, whatever is in it; tries again while it is locked. WarehouseError otherwise."""
    if not path.exists():
        raise WarehouseError(
            f"There is no warehouse at {path}: make one with `relcli run`, `relcli generate` or "
            "`relcli db migrate`, or name another with --db."
        )
    deadline = time.monotonic() + timeout_s
    wait = _FIRST_WAIT_S
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only)
        except duckdb.Error as error:
            if not is_lock_error(error) or time.monotonic() >= deadline:
                raise explain(path, error, timeout_s) from error
        # Jitter keeps waiting processes from knocking in step.
        time.sleep(min(wait * random.uniform(0.5, 1.5), max(0.0, deadline - time.monotonic())))
        wait = min(wait * 1.6, _LONGEST_WAIT_S)


@contextmanager
def connect(
    path: Path | str, *, read_only: bool, timeout_s: float = 10
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A short connection to an existing warehouse; closed on leaving the block. Migrates nothing.

    Raises WarehouseError if the file is missing, is no DuckDB file or no warehouse, comes from a newer
    relcli, stays locked for `timeout_s` seconds (the sentence names the process), or, for writing, has an
    older schema. Don't nest a writing connection inside a reading one to the same file: DuckDB refuses that
    within a process.
    """
    path = Path(path)
    with nullcontext() if read_only else _writing(path, timeout_s):
        connection = open_file(path, read_only=read_only, timeout_s=timeout_s)
        try:
            check_version(path, connection, writing=not read_only)
            yield connection
        except duckdb.Error as error:
            if not is_about_file(error):
                raise
            raise explain(path, error) from error
        finally:
            _close(path, connection)


@contextmanager
def _writing(path: Path, timeout_s: float) -> Iterator[None]:
    if not _ONE_WRITER.acquire(timeout=timeout_s):
        raise WarehouseError(
            f"{path} has been written to by another thread for {timeout_s:g} s: try again when it is done."
        )
    try:
        yield
    finally:
        _ONE_WRITER.release()


def check_version(path: Path, connection: duckdb.DuckDBPyConnection, *, writing: bool) -> None:
    """Refuse files this relcli can't understand, and writing into one that has yet to be migrated."""
    found, known = schema_version(connection), latest_version()
    if found is None or (found == 0 and not writing):
        raise WarehouseError(
            f"{path} is a DuckDB file but not a relcli warehouse: name another file with --db."
        )
    if found > known:
        raise WarehouseError(
            f"{path} has schema version {found}, but this relcli knows only {known}: upgrade relcli, or "
            "name another file with --db."
        )
    if writing and found < known:
        raise WarehouseError(
            f"{path} has schema version {found} and this relcli writes {known}: run `relcli db migrate` "
            "first."
        )


def _close(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.close()  # the last writer's close also checkpoints
    except duckdb.Error as error:
        raise explain(path, error) from error


def make_folder(folder: Path) -> None:
    """The folder, made if need be; WarehouseError if it can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseError(
            f"The folder {folder} can't be made ({error.strerror}): choose another place with --db."
        ) from error


__all__ = [
    "check_version",
    "connect",
    "explain",
    "first_line",
    "is_about_file",
    "latest_version",
    "make_folder",
    "open_file",
    "rollback",
    "scalar",
    "schema_version",
]
