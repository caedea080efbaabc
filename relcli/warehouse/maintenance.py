"""Looking after the file: what is in it, a smaller copy in its place, a copy elsewhere."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from relcli.errors import RelcliError, WarehouseError
from relcli.warehouse.migrations import STORAGE_VERSION
from relcli.warehouse.opening import (
    check_version,
    connect,
    latest_version,
    make_folder,
    open_file,
    scalar,
)
from relcli.warehouse.parts import BAD, finished_parts, quoted, run_folder, spooled_runs, sync
from relcli.warehouse.temporary import temporary_beside, wal_of

_STORAGE_VERSION = """
    SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Spool of one run that is not in the warehouse yet. `known`: the warehouse has a run of that name."""

    run: str
    parts: int
    bytes: int
    bad_parts: int
    known: bool


@dataclass(frozen=True, slots=True)
class Status:
    """What `relcli db status` shows. Sizes in bytes."""

    path: Path
    size: int
    wal_size: int
    schema_version: int
    latest_version: int
    storage_version: str
    duckdb_version: str
    tables: dict[str, int]
    views: list[str]
    backlog: list[Backlog]


def status(database: Path | str) -> Status:
    """Size, schema, tables with their row counts, and what waits in the spool. Raises as `connect` does."""
    path = Path(database)
    with connect(path, read_only=True) as connection:
        names = _names(connection, "table")
        runs = {name for (name,) in connection.execute("SELECT run FROM run").fetchall()}
        return Status(
            path=path,
            size=path.stat().st_size,
            wal_size=_size(wal_of(path)),
            schema_version=scalar(connection, "SELECT max(version) FROM schema_migration"),
            latest_version=latest_version(),
            storage_version=scalar(connection, _STORAGE_VERSION),
            duckdb_version=duckdb.__version__,
            tables={name: scalar(connection, f'SELECT count(*) FROM "{name}"') for name in names},
            views=_names(connection, "view"),
            backlog=[_backlog(path, run, run in runs) for run in spooled_runs(path)],
        )


def compact(database: Path | str, *, timeout_s: float = 2) -> tuple[int, int]:
    """Rewrite the file without the space deleted rows left; returns its size before and after, in bytes.

    The new file takes the old one's place in one step, so a reader sees either. Raises WarehouseError, and
    leaves the file as it was, if somebody else holds it or the disk is full.
    """
    path = Path(database)
    with connect(path, read_only=False, timeout_s=timeout_s) as connection:
        connection.execute("CHECKPOINT")  # merges the .wal; fails while others hold the file
    before = path.stat().st_size
    with temporary_beside(path) as temporary, _holding(path, timeout_s):
        if _size(wal_of(path)):
            raise WarehouseError(f"{path} was written to just now: try `relcli db compact` again.")
        with duckdb.connect(":memory:") as memory:
            memory.execute(f"ATTACH '{quoted(path)}' AS old (READ_ONLY)")
            memory.execute(f"ATTACH '{quoted(temporary)}' AS new (STORAGE_VERSION '{STORAGE_VERSION}')")
            memory.execute("COPY FROM DATABASE old TO new")
            memory.execute("DETACH new")
        sync(temporary)
        shutil.copymode(path, temporary)
        os.replace(temporary, path)
        sync(path.parent)
    return before, path.stat().st_size


def snapshot(database: Path | str, target: Path | str, *, timeout_s: float = 10) -> int:
    """Copy the warehouse, as it is at one instant, to a new file; readers go on meanwhile. Returns its bytes.

    What still waits in the spool is not in the copy. Raises RelcliError if the target exists,
    WarehouseError if the file stays locked or the disk is full; the target is whole or not there.
    """
    path, target = Path(database), Path(target)
    if target.is_dir():
        target = target / path.name
    if target.exists():
        raise RelcliError(f"{target} exists already: choose another name, or remove it first.")
    make_folder(target.parent)
    with temporary_beside(target) as temporary:
        with _holding(path, timeout_s):
            shutil.copyfile(path, temporary)
            if _size(wal_of(path)):
                shutil.copyfile(wal_of(path), wal_of(temporary))
        with duckdb.connect(str(temporary)) as copy:
            copy.execute("CHECKPOINT")
        sync(temporary)
        os.replace(temporary, target)
        sync(target.parent)
    return target.stat().st_size


@contextmanager
def _holding(path: Path, timeout_s: float) -> Iterator[None]:
    """Keep writers out, and let readers in, by holding the file for reading."""
    connection = open_file(path, read_only=True, timeout_s=timeout_s)
    try:
        check_version(path, connection, writing=False)
        yield
    finally:
        connection.close()


def _names(connection: duckdb.DuckDBPyConnection, kind: str) -> list[str]:
    where = "NOT internal AND schema_name = 'main' AND database_name = current_database()"
    rows = connection.execute(
        f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE {where} ORDER BY ALL"
    ).fetchall()
    return [name for (name,) in rows]


def _backlog(path: Path, run: str, known: bool) -> Backlog:
    parts = finished_parts(path, run)
    size = sum(_size(file) for part in parts for file in part.files)
    bad = len(list((run_folder(path, run) / BAD).glob("*.inference.parquet")))
    return Backlog(run, len(parts), size, bad, known)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
