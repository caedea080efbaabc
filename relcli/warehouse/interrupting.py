"""A read that nobody waits for any more is stopped, and no other with it.

Whoever reads in a thread does so within a `Reading`: every connection that the thread opens for reading
belongs to it, and `give_up`, from any other thread, interrupts what these run. DuckDB interrupts by
connection, so reads of other threads go on, also those that found the same file open. Writers are never
interrupted.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")
_HERE = threading.local()


class ReadGivenUp(Exception):
    """Nobody waits for the read any more. No RelcliError: there is nothing to be said about it."""


class Reading:
    """One read, of one thread or of several (`carried`). `begin` in the thread; `give_up` from any other."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._connections: list[duckdb.DuckDBPyConnection] = []
        self._given_up = False
        self._ended = False

    @property
    def ended(self) -> bool:
        """The read has come to its end, one way or another."""
        return self._ended

    @contextmanager
    def begin(self) -> Iterator[None]:
        """What this thread reads within is this read. Raises ReadGivenUp if nobody waits for it already."""
        _HERE.reading = self
        try:
            self._check()
            yield
        finally:
            _HERE.reading = None
            self._ended = True

    def give_up(self) -> None:
        """Interrupt what runs, and refuse what would begin. To be repeated until it has `ended`: DuckDB
        forgets an interrupt that comes between two statements."""
        with self._guard:
            self._given_up = True
            for connection in self._connections:
                connection.interrupt()

    def _check(self) -> None:
        if self._given_up:
            raise ReadGivenUp

    @contextmanager
    def _runs_on(self, connection: "duckdb.DuckDBPyConnection") -> Iterator[None]:
        with self._guard:
            self._check()
            self._connections.append(connection)
        try:
            yield
        except Exception as problem:
            if self._given_up:  # whatever was made of DuckDB's error on the way
                raise ReadGivenUp from problem
            raise
        finally:
            with self._guard:  # before it is closed: no interrupt comes later
                self._connections.remove(connection)


@contextmanager
def interruptible(connection: "duckdb.DuckDBPyConnection") -> Iterator[None]:
    """What runs on the connection belongs to this thread's read, if it has one. Raises ReadGivenUp."""
    reading: Reading | None = getattr(_HERE, "reading", None)
    if reading is None:
        yield
        return
    with reading._runs_on(connection):
        yield


def carried(function: Callable[[], T]) -> Callable[[], T]:
    """The function, to be run in another thread as part of this thread's read."""
    reading: Reading | None = getattr(_HERE, "reading", None)

    def run() -> T:
        _HERE.reading = reading
        try:
            return function()
        finally:
            _HERE.reading = None

    return run
