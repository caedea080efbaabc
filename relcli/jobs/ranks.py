"""The processes of one run watch each other through files in the run's spool folder.

Each process rewrites a small file every few seconds, with a number that grows. Whether that number changes
is all that counts: clocks of several machines differ. The first process watches all others; they watch the
first, which stops when one of them has died. So everybody knows within a minute, whatever the launcher.
"""

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from relcli.errors import InterruptedRun, RelcliError
from relcli.warehouse.holder import is_alive
from relcli.warehouse.opening import make_folder

BEAT_S = 2.0
SILENT_S = 45.0
"""A process that has not beaten for so long counts as dead. Imports from a slow disk hold beats up."""
START_S = 60.0
"""So far apart the processes of a run may start."""


@dataclass(frozen=True, slots=True)
class _Beat:
    """What a process's file says. token: of this one process; stopped: why it ended early, or ""."""

    token: str
    number: int
    host: str
    pid: int
    stopped: str = ""


@dataclass(slots=True)
class _Watched:
    """Another process as it was seen. Its file may be left over from an earlier session until it changes."""

    rank: int
    last: _Beat | None
    changed: float
    started: bool = False
    gone: bool = False


class Ranks:
    """This process among the `world` processes of a run. Alone it does nothing.

    folder: the run's folder in the spool, which all processes share.
    """

    def __init__(self, folder: Path, rank: int, world: int) -> None:
        self._folder, self._run, self.rank, self.world = folder, folder.name, rank, world
        self._token, self._number, self._here = secrets.token_hex(8), 0, _host()
        others = range(1, world) if rank == 0 else [0]
        self._watched = [_Watched(other, self._read(other), time.monotonic()) for other in others]
        self._problem: str | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True, name="ranks")

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Be seen, and watch, until the block ends; if it fails the others learn of it and stop too."""
        if self.world == 1:
            yield
            return
        make_folder(self._folder)
        self._write()
        self._thread.start()
        stopped = ""
        try:
            yield
        except BaseException as error:
            interrupted = isinstance(error, (KeyboardInterrupt, InterruptedRun))
            stopped = "was interrupted" if interrupted else "ended with an error"
            raise
        finally:
            self._end.set()
            self._thread.join()
            if self._owned():
                with suppress(OSError):
                    if stopped:
                        self._write(stopped)
                    else:
                        self._file(self.rank).unlink(missing_ok=True)
                        self._folder.rmdir()  # unless others are at it, or answers wait in it

    def check(self) -> None:
        """Raises RelcliError if another process has died, stopped early or not started, or if this one was
        started a second time."""
        if self._problem is not None:
            raise RelcliError(
                f"{self._problem}; nothing that was answered is lost: go on, with any number of processes, "
                f"with: relcli run --name {self._run} --resume"
            )

    def ended(self) -> list[int]:
        """The ranks of other processes that were seen and have ended in good order."""
        return [other.rank for other in self._watched if other.gone]

    def _loop(self) -> None:
        while not self._end.wait(BEAT_S):
            # A file system that fails for a moment is no reason to stop; one that fails for good stops parts.
            with suppress(OSError):
                if not self._owned():
                    self._problem = f"Process {self.rank} of the run {self._run} was started a second time"
                    return
                self._write()
                for other in self._watched:
                    self._problem = self._problem or self._look(other)

    def _look(self, other: _Watched) -> str | None:
        """What is wrong with another process, or None."""
        now = time.monotonic()
        name = f"Process {other.rank} of the run {self._run}"
        # Asked before its file is read: one that ends says so first.
        last = other.last
        dead = last is not None and last.host == self._here and not is_alive(last.pid)
        found = self._read(other.rank)
        if found is None:
            other.gone = other.started
        elif found != other.last:
            other.last, other.changed = found, now
            other.started, other.gone = True, False
            dead = False
        if other.gone:
            return None
        if not other.started or found is None:
            if now - other.changed < START_S:
                return None
            return (
                f"{name} has not started: no file of it appeared in {self._folder} within {START_S:.0f} s; "
                "start all processes at once, with the same --db and --name, in a folder that all machines "
                "share"
            )
        where = f"{name} (number {found.pid} on {found.host.partition('/')[0]})"
        if found.stopped:
            return f"{where} {found.stopped}"
        if dead or now - other.changed > SILENT_S:
            return f"{where} has died"
        return None

    def _owned(self) -> bool:
        mine = self._read(self.rank)
        return mine is None or mine.token == self._token

    def _file(self, rank: int) -> Path:
        return self._folder / f".rank-{rank:04d}.json"

    def _write(self, stopped: str = "") -> None:
        self._number += 1
        beat = _Beat(self._token, self._number, self._here, os.getpid(), stopped)
        target = self._file(self.rank)
        # Readers see the old or the new one. Not forced to disk: after a power cut it tells nothing.
        temporary = target.with_suffix(f".{self._token}.tmp")
        temporary.write_text(json.dumps(asdict(beat)), encoding="utf-8")
        os.replace(temporary, target)

    def _read(self, rank: int) -> _Beat | None:
        """A file is opened anew each time, which makes network file systems ask the server."""
        try:
            told: Any = json.loads(self._file(rank).read_bytes())
            return _Beat(**told)
        except (OSError, ValueError, TypeError):
            return None


def clear(folder: Path) -> None:
    """Remove what processes of this and earlier sessions left in the folder of a run that is done."""
    for file in folder.glob(".rank-*.json"):
        file.unlink(missing_ok=True)


def _host() -> str:
    """This machine and its table of processes, which containers have of their own."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{socket.gethostname()}/{space}"
