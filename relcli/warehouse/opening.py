"""Short connections: lock, open, do, close.

DuckDB lets one process write or many processes read. So nobody keeps the file open; whoever finds it locked
tries again for a while, and then says who holds it.
"""

import os
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
from relcli.warehouse.attached import attached
from relcli.warehouse.failures import MIXED, explain, first_line, is_about_file, is_lock_error
from relcli.warehouse.filelock import file_lock
from relcli.warehouse.interrupting import interruptible
from relcli.warehouse.quoting import literal
from relcli.warehouse.temporary import clean_leftovers, wal_of

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.01, 0.1
_TICK_NS = 10_000_000  # the coarsest clock file systems stamp changes with
# Threads that read the same file share DuckDB's settings; half of them set is not a state for another thread.
_RESTRICTING = threading.Lock()
_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "arrow_lossless_conversion": "true",  # for rows that continue to a second connection (across.py)
}

Stamp = tuple[tuple[int, int, int] | None, ...]
"""Size in bytes, inode and time of change (ns) of files; None for one that isn't there."""


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
    # Asked outright: listing the tables first takes as long as opening the file.
    try:
        return int(scalar(connection, "SELECT coalesce(max(version), 0) FROM schema_migration"))
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.ConversionException):
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return None if tables else 0


def missing_in_older(
    path: Path | str, connection: duckdb.DuckDBPyConnection, error: duckdb.Error
) -> str | None:
    """One sentence, where SQL asks for a table, view or column that this file may lack for its age."""
    try:
        found = schema_version(connection)
    except duckdb.Error:
        return None
    if found is None or found >= latest_version():
        return None
    return (
        f"{first_line(str(error))} ({path} has schema version {found} of {latest_version()}: "
        "`relcli db migrate` brings the rest)."
    )


@contextmanager
def connect(
    path: Path | str,
    *,
    read_only: bool,
    timeout_s: float = 10,
    folder: Path | None = None,
    allow_external: bool = False,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A short connection to an existing warehouse; closed on leaving the block. Migrates nothing.

    SQL on it can't touch other files, load extensions or change these settings, but for databases in
    `folder` (a copy of the warehouse goes there); `allow_external` leaves all that open. Raises
    WarehouseError if the file is missing, is no DuckDB file or no warehouse, comes from a newer relcli, stays
    locked for `timeout_s` seconds (the sentence names the process), or, for writing, has an older schema.
    Don't nest a writing connection inside a reading one to the same file, or the other way round.
    """
    with opened(
        path, read_only=read_only, timeout_s=timeout_s, folder=folder, allow_external=allow_external
    ) as connection:
        check_version(Path(path), connection, writing=not read_only)
        try:
            yield connection
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            if (older := missing_in_older(path, connection, error)) is None:
                raise
            raise WarehouseError(older) from error


@contextmanager
def opened(
    path: Path | str,
    *,
    read_only: bool,
    timeout_s: float = 10,
    folder: Path | None = None,
    allow_external: bool = False,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """`connect` for a file whatever is in it. The lock, the guard against other clients and the limits of
    what SQL may do stand here and nowhere else."""
    shown = Path(path)
    # DuckDB names the write-ahead log after the name it is given; by two names a file would have two.
    path = Path(os.path.realpath(shown))
    refuse_unfit(shown)
    with file_lock(path, exclusive=not read_only, timeout_s=timeout_s):
        if not read_only:
            clean_leftovers(path)
        config = {} if allow_external else _CONFIG
        connection = _open(path, shown, read_only, timeout_s, config)
        try:
            if not allow_external:
                restrict(connection, read_only=read_only, folder=folder)
            with interruptible(connection) if read_only else nullcontext():
                yield connection
        except duckdb.Error as error:
            if not is_about_file(error):
                raise
            raise explain(shown, error) from error
        finally:
            _close(shown, connection)


def refuse_unfit(path: Path) -> None:
    """WarehouseError for what can't be a warehouse file, before anything opens it: a FIFO would hang."""
    refuse_name(path)
    if not path.exists():
        raise WarehouseError(
            f"There is no warehouse at {path}: make one with `relcli run`, `relcli generate` or "
            "`relcli db migrate`, or name another with --db."
        )
    if not path.is_file():
        raise WarehouseError(f"{path} is not a DuckDB file: name another file with --db.")


def refuse_name(path: Path) -> None:
    """WarehouseError for a name that DuckDB would not take as it is."""
    if "?" in str(path):
        raise WarehouseError(f"{path} holds a question mark, which DuckDB can't take: choose another name.")


def _open(
    path: Path, shown: Path, read_only: bool, timeout_s: float, config: dict[str, Any]
) -> duckdb.DuckDBPyConnection:
    """Open an existing file; again while it is locked, and again if it changed on the way.

    DuckDB 2.0.0 and 2.0.1 lock the file only after they have read its header. Clients that don't know our
    lock can write in between; then what was read is stale, and a write from it would throw theirs away. So
    the file must look the same before DuckDB opens it and once it has locked it. It must not be opened here
    to look closer: closing a descriptor drops this process's DuckDB lock.
    """
    deadline = time.monotonic() + timeout_s
    wait = _FIRST_WAIT_S
    while True:
        before = stamp(path)
        if not read_only:
            before = _settled(path, before)
        try:
            connection = (
                duckdb.connect(str(path), read_only=True, config=config)
                if read_only
                else attached(path, config)
            )
        except duckdb.Error as error:
            changed = stamp(path) != before
            if not (changed or is_lock_error(error)) or time.monotonic() >= deadline:
                raise explain(shown, error, timeout_s) from error
        else:
            if stamp(path) == before:
                return connection
            _abandon(connection)
            if time.monotonic() >= deadline:
                raise WarehouseError(
                    f"{shown} was being written by another program for {timeout_s:g} s: try again when it is "
                    "done."
                )
        # Jitter keeps waiting processes from knocking in step.
        time.sleep(min(wait * random.uniform(0.5, 1.5), max(0.0, deadline - time.monotonic())))
        wait = min(wait * 1.6, _LONGEST_WAIT_S)


def stamp(path: Path) -> Stamp:
    """Of the file and of its write-ahead log."""
    found: list[tuple[int, int, int] | None] = []
    for file in (path, wal_of(path)):
        try:
            status = file.stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_size, status.st_ino, status.st_mtime_ns))
    return tuple(found)


def _settled(path: Path, before: Stamp) -> Stamp:
    """The stamp once the last change is old enough that another one must show in its time."""
    newest = max((part[2] for part in before if part), default=0)
    age = time.time_ns() - newest
    if 0 <= age < _TICK_NS:
        time.sleep((_TICK_NS - age) / 1e9)
        return stamp(path)
    return before


def _abandon(connection: duckdb.DuckDBPyConnection) -> None:
    """Close without the checkpoint that closing brings: it would write from a stale state."""
    try:
        with suppress(duckdb.Error):
            connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    finally:
        with suppress(duckdb.Error):
            connection.close()


def restrict(connection: duckdb.DuckDBPyConnection, *, read_only: bool, folder: Path | None = None) -> None:
    """Keep SQL off other files, and lock that in.

    For a reader no local file can be opened any more, the warehouse itself included, which DuckDB has open
    already. A writer must be able to make its write-ahead log. Threads of one process that read the same file
    share DuckDB's state, so it may be locked in already.
    """
    with _RESTRICTING:
        if scalar(connection, "SELECT current_setting('lock_configuration')"):
            if folder is not None:
                raise duckdb.ConnectionException(f"{MIXED} in this process")
            return
        if folder is not None:
            connection.execute(f"SET allowed_directories = [{literal(str(folder) + os.sep)}]")
        connection.execute("SET enable_external_access = false")
        if read_only and folder is None:
            connection.execute("SET disabled_filesystems = 'LocalFileSystem'")
        connection.execute("SET lock_configuration = true")


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
