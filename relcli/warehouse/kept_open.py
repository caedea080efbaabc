"""A warehouse kept open between reads that follow each other, and let go of for whoever wants to write.

The first read on an open file takes most of its time: DuckDB reads where each column lies before it reads any
of it. A thread holds one reading connection, under the lock that every reader has; the connections of other
threads of this process find the file open. Several times in the time of a blink it looks whether a writer
waits for the lock, and closes: writers wait a moment longer, and nothing they commit is lost or not seen.
"""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

import duckdb

from relcli.errors import RelcliError
from relcli.warehouse.filelock import is_waited_for
from relcli.warehouse.opening import connect, stamp

REST_S = 2.0  # clients that don't know the lock of relcli are refused until then
_LOOK_EVERY_S = 0.02
_PATIENCE_S = 1.0


class KeptOpen:
    """Keeps one file open for `rest_s` seconds after the latest `touch`. Threads may share it."""

    def __init__(self, path: Path | str, *, rest_s: float = REST_S) -> None:
        self._path = Path(path)
        self._rest_s = rest_s
        self._until = 0.0
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def is_open(self) -> bool:
        """The file is open, or is being opened."""
        return self._thread is not None

    def touch(self) -> None:
        """Reads follow: have the file open. Returns at once; a file that can't be opened is left to the reads
        to complain of."""
        with self._guard:
            self._until = time.monotonic() + self._rest_s
            if self._thread is None:
                self._thread = threading.Thread(target=self._hold, daemon=True, name="kept open")
                self._thread.start()

    def close(self) -> None:
        """Let go of the file, and wait for that."""
        with self._guard:
            self._until, thread = 0.0, self._thread
        if thread is not None:
            thread.join(_PATIENCE_S)

    def _hold(self) -> None:
        try:
            with suppress(RelcliError, duckdb.Error), connect(
                self._path, read_only=True, timeout_s=_PATIENCE_S
            ):
                path = Path(os.path.realpath(self._path))
                opened = stamp(path)
                while not is_waited_for(path) and stamp(path) == opened and self._goes_on():
                    time.sleep(_LOOK_EVERY_S)
        finally:
            with self._guard:
                self._thread = None

    def _goes_on(self) -> bool:
        return time.monotonic() < self._until
