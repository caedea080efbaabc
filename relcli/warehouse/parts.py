"""Parts in the spool: their names, which are finished, which are left over from writers that are gone."""

import re
import socket
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from relcli.captures import STORED
from relcli.paths import spool_dir
from relcli.warehouse.across import beside, parquet
from relcli.warehouse.batch import Key
from relcli.warehouse.holder import is_alive
from relcli.warehouse.names import check_name, is_name, make_name

INFERENCE, TEMPORARY = ".inference.parquet", ".tmp"
BAD = "bad"  # folder for parts that can't be taken in
_WRITER = re.compile(r"\.?\d{4}-(?P<host>.+)-(?P<pid>\d+)-[0-9a-f]{8}-\d{6}-[a-z]+\.")
_ABANDONED_AFTER_S = 3600.0  # for writers on other machines, whose processes can't be asked


@dataclass(frozen=True, slots=True)
class Part:
    """A finished part in the spool."""

    inference: Path

    @property
    def name(self) -> str:
        return self.inference.name.removesuffix(INFERENCE)

    @property
    def stored(self) -> dict[str, Path]:
        """The files the part must have besides, by mode of relcli.captures.STORED; its name says which."""
        letters = self.name.rpartition("-")[2]
        return {
            mode: self.inference.with_name(self.name + table.file)
            for mode, table in STORED.items()
            if table.letter in letters
        }

    @property
    def attention(self) -> Path | None:
        """The attention file the part must have; None if it was written without attention."""
        return self.stored.get("summary")

    @property
    def files(self) -> list[Path]:
        """The inference file first: while it lies there, the part is whole."""
        return [self.inference, *self.stored.values()]


def run_folder(database: Path | str, run: str) -> Path:
    """`<database file>.spool/<run>`."""
    return spool_dir(Path(database)) / check_name(run)


def finished_parts(database: Path | str, run: str) -> list[Part]:
    """Finished parts of one run, oldest name first. Only plain files: a FIFO or a link is nobody's part."""
    found = sorted(run_folder(database, run).glob(f"[0-9]*{INFERENCE}"))
    return [Part(file) for file in found if all(map(_is_plain, Part(file).files))]


def _is_plain(file: Path) -> bool:
    """Whether it is a plain file, or is not there, which ingest tells of."""
    try:
        return stat.S_ISREG(file.lstat().st_mode)
    except OSError:
        return True


def spooled_runs(database: Path | str) -> list[str]:
    """Runs that have a folder in the spool."""
    root = spool_dir(Path(database))
    folders = root.iterdir() if root.is_dir() else ()
    return sorted(folder.name for folder in folders if folder.is_dir() and is_name(folder.name))


def spooled_keys(database: Path | str, run: str) -> set[Key]:
    """Keys of the answers that lie in the spool; a part that can't be read has none."""
    keys: set[Key] = set()
    with beside() as memory:
        for part in finished_parts(database, run):
            if not all(file.exists() for file in part.stored.values()):
                continue
            try:
                named = parquet(memory, [part.inference]).columns
                # A relcli before these columns may have left the part.
                columns = [name for name in Key._fields if name in named]
                rows = parquet(memory, [part.inference], ", ".join(columns)).fetchall()
                keys |= {Key(**dict(zip(columns, row, strict=True))) for row in rows}
            except duckdb.Error:
                continue  # taken in meanwhile, or corrupt: then ingest moves it aside
    return keys


def leftovers(database: Path | str, run: str) -> Iterator[Path]:
    """Temporary files and half parts whose writer is gone."""
    folder = run_folder(database, run)
    endings = [table.file for table in STORED.values()]
    stored = (file for ending in endings for file in folder.glob(f"[0-9]*{ending}"))
    for file in [*folder.glob(f".*{TEMPORARY}"), *stored]:
        ending = next((end for end in endings if file.name.endswith(end)), None)
        if ending and file.with_name(file.name.removesuffix(ending) + INFERENCE).exists():
            continue
        if not _writer_lives(file):
            yield file


def _writer_lives(file: Path) -> bool:
    found = _WRITER.match(file.name)
    if found and found["host"] == make_name(socket.gethostname()):
        return is_alive(int(found["pid"]))
    try:
        return time.time() - file.stat().st_mtime < _ABANDONED_AFTER_S
    except OSError:
        return True  # gone already
