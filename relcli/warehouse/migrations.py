"""The schema: numbered migrations, forward only, and the macros and views that are set again after them."""

import os
from pathlib import Path

import duckdb

from relcli.atomic import sync
from relcli.errors import WarehouseError
from relcli.version import VERSION
from relcli.warehouse.failures import explain, first_line, is_about_file
from relcli.warehouse.kept_empty import copy_kept, keep_empty
from relcli.warehouse.objects import (
    KINDS,
    files_digest,
    migration_files,
    object_files,
    objects_in,
    shipped_objects,
)
from relcli.warehouse.opening import (
    latest_version,
    make_folder,
    opened,
    refuse_name,
    rollback,
    schema_version,
)
from relcli.warehouse.quoting import identifier
from relcli.warehouse.reference import load_reference
from relcli.warehouse.temporary import move_new, temporary_beside

# DuckDB 1.5 clients can open the file too; measured, it costs neither bytes nor time (sql/README.md).
STORAGE_VERSION = "v1.5.0"


def ensure(path: Path | str, *, timeout_s: float = 10) -> int:
    """Make the warehouse if it is missing, migrate it if it is older, and refresh its macros and views.

    Returns the schema version. Safe when several processes call it at once. Raises WarehouseError as
    `connect` does, and if the folder can't be written.
    """
    path = Path(path)
    refuse_name(path)
    if path.is_symlink():  # the warehouse is made where the link points
        path = Path(os.path.realpath(path))
    if (not path.exists() and _create(path)) or _is_current(path, timeout_s):
        return latest_version()
    with opened(path, read_only=False, timeout_s=timeout_s) as connection:
        _migrate(path, connection)
    return latest_version()


def _is_current(path: Path, timeout_s: float) -> bool:
    """Asked read-only first: a warehouse that is up to date must not wait for its readers."""
    with opened(path, read_only=True, timeout_s=timeout_s) as connection:
        return _is_whole(connection)


def _is_whole(connection: duckdb.DuckDBPyConnection) -> bool:
    return (
        schema_version(connection) == latest_version()
        and not _pending(connection)
        and objects_in(connection) == shipped_objects()
    )


def _create(path: Path) -> bool:
    """Make the file under another name and link it into place, so that no reader meets half a warehouse.
    False if another process was quicker: then its file serves."""
    make_folder(path.parent)
    with temporary_beside(path) as temporary:
        if not (copy_kept(temporary) and _renew(temporary)):
            temporary.unlink(missing_ok=True)
            write_empty(temporary, path)
            keep_empty(temporary)
        made = move_new(temporary, path)
        sync(path.parent)
    return made


def _renew(copy: Path) -> bool:
    """Date the copy of a kept warehouse to now; whether it is what this relcli would make."""
    try:
        with duckdb.connect(str(copy)) as connection:
            if not _is_whole(connection):
                return False
            connection.execute("UPDATE schema_migration SET applied_at = make_timestamp(epoch_us(now()))")
            connection.execute("CHECKPOINT")
    except duckdb.Error:
        return False
    return True


def write_empty(file: Path, path: Path) -> None:
    """Write a new warehouse into a file that is not there yet. path: what it is called in errors."""
    connection = duckdb.connect(str(file), config={"storage_compatibility_version": STORAGE_VERSION})
    try:
        _migrate(path, connection)
    finally:
        connection.close()


def _migrate(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    found = schema_version(connection)
    if found is None:
        raise WarehouseError(
            f"{path} is a DuckDB file with other tables in it, not a relcli warehouse: name another file "
            "with --db."
        )
    if found > latest_version():
        raise WarehouseError(
            f"{path} has schema version {found}, but this relcli knows only {latest_version()}: upgrade "
            "relcli, or name another file with --db."
        )
    try:
        for migration in _pending(connection):
            _apply(connection, migration)
        _set_views(connection)
        load_reference(connection)
        connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        if is_about_file(error):
            raise explain(path, error) from error
        reason = first_line(str(error))
        raise WarehouseError(
            f"{path} can't be brought up to schema version {latest_version()} ({reason}): it was changed by "
            "something else than relcli; name another file with --db."
        ) from error


def _pending(connection: duckdb.DuckDBPyConnection) -> list[Path]:
    """Migrations not applied yet, in order; by number, so that one added between others is not missed."""
    applied: set[int] = set()
    if schema_version(connection):
        rows = connection.execute("SELECT version FROM schema_migration").fetchall()
        applied = {version for (version,) in rows}
    return [file for file in migration_files() if int(file.name.split("_")[0]) not in applied]


def _apply(connection: duckdb.DuckDBPyConnection, migration: Path) -> None:
    number, name = migration.stem.split("_", 1)
    connection.execute("BEGIN")
    try:
        connection.execute(migration.read_text(encoding="utf-8"))
        connection.execute(
            "INSERT INTO schema_migration VALUES (?, ?, make_timestamp(epoch_us(now())), ?)",
            [int(number), name, VERSION],
        )
        connection.execute("COMMIT")
    except BaseException:
        rollback(connection)
        raise


def _set_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what earlier versions made, then run every macro and view file; one transaction."""
    connection.execute("BEGIN")
    try:
        rows = connection.execute("SELECT kind, name FROM schema_object ORDER BY position DESC").fetchall()
        for kind, name in rows:
            if kind in KINDS:  # the file may come from anybody
                connection.execute(f"DROP {kind} IF EXISTS {identifier(name)}")
        connection.execute("DELETE FROM schema_object")
        digest = files_digest()
        for position, (kind, file) in enumerate(object_files()):
            connection.execute(file.read_text(encoding="utf-8"))
            connection.execute(
                "INSERT INTO schema_object VALUES (?, ?, ?, ?)", [file.stem, kind, position, digest]
            )
        connection.execute("COMMIT")
    except BaseException:
        rollback(connection)
        raise
