"""Looking after the file: what is in it, a smaller copy in its place, a copy elsewhere."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from relcli.atomic import sync
from relcli.errors import RelcliError, WarehouseError
from relcli.warehouse.attached import ROW_GROUP
from relcli.warehouse.migrations import STORAGE_VERSION
from relcli.warehouse.opening import Stamp, connect, latest_version, make_folder, refuse_name, scalar, stamp
from relcli.warehouse.parts import BAD, finished_parts, run_folder, spooled_runs
from relcli.warehouse.quoting import identifier, literal
from relcli.warehouse.temporary import move_new, temporary_beside, wal_of

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
            tables={name: scalar(connection, f"SELECT count(*) FROM {identifier(name)}") for name in names},
            views=_names(connection, "view"),
            backlog=[_backlog(path, run, run in runs) for run in spooled_runs(path)],
        )


def compact(database: Path | str, *, timeout_s: float = 2) -> tuple[int, int]:
    """Rewrite the file without the space deleted rows left; returns its size before and after, in bytes.

    The new file takes the old one's place in one step, so a reader sees either; readers continue meanwhile. A
    symbolic link is followed to the file. Raises WarehouseError, and leaves the file as it was, if somebody
    else writes to it or the disk is full.
    """
    path = Path(os.path.realpath(database))
    with connect(path, read_only=False, timeout_s=timeout_s) as connection:
        connection.execute("CHECKPOINT")  # merges the .wal; fails while others hold the file
    with (
        temporary_beside(path, "compact") as temporary,
        connect(path, read_only=True, timeout_s=timeout_s, folder=temporary.parent) as connection,
    ):
        before = stamp(path)
        if _size(wal_of(path)):
            raise _written_meanwhile(path)
        _copy_into(connection, temporary)
        shutil.copymode(path, temporary)
        sync(temporary)
        if stamp(path) != before:
            raise _written_meanwhile(path)
        # While the old file is still open: nobody can have written to it in between.
        os.replace(temporary, path)
        sync(path.parent)
    return _size_in(before), path.stat().st_size


def snapshot(database: Path | str, target: Path | str, *, timeout_s: float = 10) -> int:
    """Copy the warehouse, as it is at one instant, to a new file; readers continue meanwhile. Returns its
    bytes.

    What still waits in the spool is not in the copy. Raises RelcliError if the target exists,
    WarehouseError if the file stays locked or the disk is full; the target is whole or not there.
    """
    path, target = Path(database), Path(target)
    if target.is_dir():
        target = target / path.name
    if os.path.lexists(target):
        raise RelcliError(f"{target} exists already: choose another name, or remove it first.")
    refuse_name(target)
    make_folder(target.parent)
    with temporary_beside(target, "snapshot") as temporary:
        with connect(path, read_only=True, timeout_s=timeout_s, folder=temporary.parent) as connection:
            _copy_into(connection, temporary)
        sync(temporary)
        move_new(temporary, target)
        sync(target.parent)
    return target.stat().st_size


def _copy_into(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Copy all of the open warehouse into a new file. The target is attached to the source's own connection:
    a second opening of the source would drop DuckDB's lock on it."""
    source = scalar(connection, "SELECT current_database()")
    options = f"(READ_WRITE, STORAGE_VERSION '{STORAGE_VERSION}', {ROW_GROUP})"
    connection.execute(f"ATTACH {literal(str(target.absolute()))} AS relcli_copy {options}")
    connection.execute(f"COPY FROM DATABASE {identifier(source)} TO relcli_copy")
    connection.execute("DETACH relcli_copy")  # which checkpoints it


def _written_meanwhile(path: Path) -> WarehouseError:
    return WarehouseError(f"{path} was written to just now: try `relcli db compact` again.")


def _size_in(stamped: Stamp) -> int:
    return stamped[0][0] if stamped[0] else 0


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
