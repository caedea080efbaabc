"""What DuckDB says when something is wrong with a file, told to people in one sentence."""

from pathlib import Path

import duckdb

from relcli.errors import WarehouseError
from relcli.warehouse.holder import describe_holder

_LOCKED = "Could not set lock on file"
# Within one process DuckDB refuses to mix read-only and read-write connections to one file.
MIXED = "different configuration than existing connections"
_TWICE = "Unique file handle conflict"  # so, where one of them attached it
# Of a SQLite file DuckDB says that its extension is missing or may not be loaded.
_NOT_DUCKDB = (
    "not a valid DuckDB database",
    "Is a directory",
    '.duckdb_extension" not found',
    "Loading external extensions is disabled",
)
# Comes as an IO, a transaction (commit) or a fatal (checkpoint) error.
DISK_FULL = ("No space left", "File too large", "Disk quota exceeded", "Could not write all bytes")


def is_about_file(error: duckdb.Error) -> bool:
    """Whether an error tells of the file, the disk or memory, and not of the SQL."""
    kinds = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException)
    return isinstance(error, kinds) or any(sign in str(error) for sign in DISK_FULL)


def is_lock_error(error: duckdb.Error) -> bool:
    """Whether the file is held, by another process or by this one in another mode."""
    text = str(error)
    return any(sign in text for sign in (_LOCKED, MIXED, _TWICE))


def held_by(path: Path, holder: str, waited_s: float) -> WarehouseError:
    """Of a file that somebody else holds."""
    return WarehouseError(
        f"{path} has been held by {holder} for {waited_s:g} s: wait for it to finish or end it, then try "
        "again."
    )


def explain(path: Path, error: Exception, waited_s: float = 0) -> WarehouseError:
    """A DuckDB error as one sentence: what, where, what to do."""
    text = str(error)
    if MIXED in text or _TWICE in text:
        return WarehouseError(
            f"{path} is open in this process in another mode and stayed so for {waited_s:g} s: close that "
            "connection first."
        )
    if _LOCKED in text:
        return held_by(path, describe_holder(text), waited_s)
    if any(sign in text for sign in _NOT_DUCKDB):
        return WarehouseError(f"{path} is not a DuckDB file: name another file with --db.")
    if "older version of DuckDB" in text or "newer version of DuckDB" in text or "version number" in text:
        return WarehouseError(
            f"{path} was written by another version of DuckDB than the {duckdb.__version__} in use: install "
            "one that reads it (pip install -U duckdb)."
        )
    if "Permission denied" in text or "Read-only file system" in text:
        return WarehouseError(
            f"{path} can't be opened or written, permission is missing: change that, or name another file "
            "with --db."
        )
    if any(sign in text for sign in DISK_FULL):
        return WarehouseError(
            f"The disk of {path} is full: make room and try again; nothing was half-written."
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return WarehouseError(
            f"There is not enough memory for this on {path} ({first_line(text)}): ask for less at once."
        )
    return WarehouseError(f"{path} can't be used: {first_line(text)}")


def first_line(text: str) -> str:
    """The first line of a DuckDB message without its class in front."""
    line = text.strip().splitlines()[0] if text.strip() else "unknown error"
    head, colon, rest = line.partition(": ")
    return rest if colon and head.endswith("Error") else line
