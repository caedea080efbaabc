"""Work in progress beside a warehouse file: private folders that go away, even after a kill."""

import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from relcli.warehouse.failures import explain, is_about_file
from relcli.warehouse.holder import is_alive
from relcli.warehouse.names import make_name

_UNTOUCHED_S = 3600.0  # for folders of other machines, whose processes can't be asked


def wal_of(path: Path) -> Path:
    """The write-ahead log DuckDB keeps beside a file while it has commits that are not in it."""
    return path.with_name(path.name + ".wal")


def _host() -> str:
    return make_name(socket.gethostname())


@contextmanager
def folder_beside(path: Path, purpose: str) -> Iterator[Path]:
    """A new hidden folder beside the file, named after this process; nothing of it stays.

    `purpose` is a word for the name. Errors about the disk come out as WarehouseError.
    """
    name = f".{path.name}.{purpose}-{_host()}-{os.getpid()}-{secrets.token_hex(4)}"
    folder = path.with_name(name)
    try:
        folder.mkdir(parents=True)
        yield folder
    except (OSError, duckdb.Error) as error:
        if isinstance(error, duckdb.Error) and not is_about_file(error):
            raise
        raise explain(path, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_beside(path: Path, purpose: str = "new") -> Iterator[Path]:
    """A name to make a database file under before it takes `path`'s place."""
    with folder_beside(path, purpose) as folder:
        yield folder / path.name


def move_new(source: Path, target: Path) -> bool:
    """Give a finished file its name, unless something has it by now; whether it got it."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if target.exists():
            return False
        os.replace(source, target)
    return True


def clean_leftovers(path: Path) -> None:
    """Remove the folders that killed processes left beside the file."""
    named = re.compile(re.escape(f".{path.name}.") + r"[a-z]+-(?P<host>.+)-(?P<pid>\d+)-[0-9a-f]{8}")
    try:
        names = os.listdir(path.parent)
    except OSError:
        return
    for name in names:
        if (found := named.fullmatch(name)) and not _lives(path.with_name(name), found):
            shutil.rmtree(path.with_name(name), ignore_errors=True)


def _lives(folder: Path, named: re.Match[str]) -> bool:
    if named["host"] == _host():
        return is_alive(int(named["pid"]))
    try:
        return time.time() - folder.stat().st_mtime < _UNTOUCHED_S
    except OSError:
        return True  # gone already
