"""A database file in the making, beside the place it will take."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from relcli.warehouse.failures import explain, is_about_file
from relcli.warehouse.holder import is_alive

_UNTOUCHED_S = 3600.0  # a process on another machine may be at work on the same folder


def wal_of(path: Path) -> Path:
    """The write-ahead log DuckDB keeps beside a file while it has commits that are not in it."""
    return path.with_name(path.name + ".wal")


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """A name to make a file under before it takes `path`'s place; nothing of it stays, whatever happens.

    Also clears what killed processes left. Errors about the disk come out as WarehouseError.
    """
    _clear(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
    except (OSError, duckdb.Error) as error:
        if isinstance(error, duckdb.Error) and not is_about_file(error):
            raise
        raise explain(path, error) from error
    finally:
        for left in (temporary, wal_of(temporary)):
            left.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    name = re.compile(re.escape(f".{path.name}.") + r"(\d+)\.[0-9a-f]{8}\.tmp(\.wal)?")
    for file in path.parent.iterdir():
        found = name.fullmatch(file.name)
        if found and not is_alive(int(found[1])) and time.time() - file.stat().st_mtime > _UNTOUCHED_S:
            file.unlink(missing_ok=True)
