"""The warehouse as screens see it: every read in a thread, on a connection as short as the read."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from relcli.errors import RelcliError
from relcli.results import PATIENCE_S
from relcli.results.question_pages import QuestionPages
from relcli.tui.frame.awaited import Coming, heard
from relcli.warehouse.interrupting import Reading

if TYPE_CHECKING:
    from relcli.results.question import QuestionKey, QuestionView
    from relcli.results.question_reading import QuestionReading
    from relcli.warehouse.kept_open import KeptOpen
    from relcli.warehouse.rows import Rows

T = TypeVar("T")
_WRITTEN_WITHIN_S = 10
_COPIED_S = 0.8  # from one screen to the next that wants the same copy
_AGAIN_S = 0.05  # until an interrupted read has ended: an interrupt may come between two statements
_N_THREADS = 4  # a page that is waited for and its case, beside what is read ahead


class Store:
    """Reads for one database file, which stays open between cases that follow each other. `duckdb` is
    imported in the first thread that needs it, so that the first paint does not wait for it. The threads are
    daemons: leaving never waits for a query.
    """

    def __init__(self, database: Path) -> None:
        self.database = database
        self.question_pages = QuestionPages(database)
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._ahead: tuple[tuple[int, ...], dict[str, Rows]] = (), {}
        self._writes: set[asyncio.Task[Any]] = set()
        self._turn: asyncio.Lock | None = None
        self._kept_open: KeptOpen | None = None
        self._reading: QuestionReading | None = None
        self._copying: Coming[tuple[Any, ...], object] = Coming("copy questions", _COPIED_S)

    @property
    def busy(self) -> bool:
        """A read is under way; the interpreter must not be torn down under it."""
        return self._busy > 0

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever the file does; () while there is none."""
        found: list[int] = []
        for path in (self.database, self.database.with_name(self.database.name + ".wal")):
            try:
                status = path.stat()
            except OSError:
                continue
            found += [status.st_mtime_ns, status.st_size]
        return tuple(found)

    def keep_open(self) -> None:
        """Cases will be read: have the file open. For a thread."""
        from relcli.warehouse.kept_open import KeptOpen

        if self._kept_open is None:
            self._kept_open = KeptOpen(self.database)
        self._kept_open.touch()

    async def close(self) -> None:
        """See what is being written through, and let go of the file."""
        if self._writes:
            await asyncio.wait({*self._writes}, timeout=_WRITTEN_WITHIN_S)
        if self._kept_open is not None:
            self._kept_open.close()

    async def write(self, function: Callable[..., T], *args: Any) -> T:
        """Run a function that writes, after those before it. It goes on if whoever waits is cancelled."""
        turn = self._turn = self._turn or asyncio.Lock()

        async def in_turn() -> T:
            async with turn:
                return await self.call(function, *args)

        task = asyncio.create_task(in_turn(), name="write")
        self._writes.add(task)
        task.add_done_callback(self._written)
        return await asyncio.shield(task)

    def _written(self, task: "asyncio.Task[Any]") -> None:
        self._writes.discard(task)
        heard(task)  # by whoever waits

    async def question(self, run: str, key: "QuestionKey", other: str | None) -> "QuestionView":
        """A question, beside what the run `other` said. Raises RelcliError."""
        return await self.call(self._question, run, key, other)

    def _question(self, run: str, key: "QuestionKey", other: str | None) -> "QuestionView":
        from relcli.results.question_reading import QuestionReading

        self.keep_open()
        if self._reading is None:
            self._reading = QuestionReading(self.database)
        return self._reading.read(run, key, other)

    async def look_ahead(self, *reads: tuple[str, dict[str, Any]]) -> None:
        """Have the rows of these reads at hand until the file is written to. What goes wrong is said by the
        read itself."""
        stamp = self.stamp()
        if self._ahead[0] != stamp:
            self._ahead = stamp, {}
        known = self._ahead[1]  # these rows belong to that stamp, whatever is written meanwhile
        missing = [each for each in reads if _key(*each) not in known]
        with suppress(RelcliError):
            found = await self.read_many(*missing) if missing else []
            known.update(zip((_key(*each) for each in missing), found, strict=True))

    async def copy_questions(self, run: str, other: str | None, order: str = "") -> None:
        """Copy what the list of a run's questions reads into memory, and what that order needs, so that the
        next pages come at once."""
        copy = partial(self.call, self.question_pages.prepare, run, other, order)
        with suppress(RelcliError):  # a page says what is wrong with the file
            await self._copying.get((run, other, order, self.stamp()), copy)

    def copies(self, run: str, other: str | None) -> bool:
        """The copy is on its way: who wants it should say so, before it is given up."""
        return self._copying.has((run, other, "", self.stamp()))

    def _at_hand(self, name: str, params: dict[str, Any]) -> "Rows | None":
        stamp, known = self._ahead
        rows = known.get(_key(name, params))
        return rows if rows is not None and stamp == self.stamp() else None

    async def read(self, name: str, /, *, limit: int | None = None, **params: Any) -> "Rows":
        """A named read of sql/reads. Raises RelcliError."""
        if limit is None and (known := self._at_hand(name, params)) is not None:
            return known

        def ask() -> "Rows":
            from relcli.warehouse.reads import read

            return read(self.database, name, limit=limit, timeout_s=PATIENCE_S, **params)

        return await self.call(ask)

    async def read_many(self, *reads: tuple[str, dict[str, Any]]) -> "list[Rows]":
        """Several named reads on one opening of the file, which costs more than most reads. Raises
        RelcliError."""
        known = [self._at_hand(*each) for each in reads]
        if (found := [each for each in known if each is not None]) and len(found) == len(reads):
            return found

        def ask() -> "list[Rows]":
            from relcli.warehouse.opening import connect
            from relcli.warehouse.reads import read

            # While this connection stands, DuckDB gives the ones inside the same open file.
            with connect(self.database, read_only=True, timeout_s=PATIENCE_S):
                return [read(self.database, name, timeout_s=PATIENCE_S, **params) for name, params in reads]

        return await self.call(ask)

    async def query(self, sql: str, limit: int | None = None) -> "Rows":
        """Somebody's own SQL, for reading. Raises RelcliError."""

        def ask() -> "Rows":
            from relcli.warehouse.rows import query

            return query(self.database, sql, limit=limit, timeout_s=PATIENCE_S)

        return await self.call(ask)

    async def export(self, target: Path, *, read: str = "", sql: str = "", **params: Any) -> int:
        """Write a named read, or SQL, to a .csv, .json or .parquet file; returns the rows written."""

        def write() -> int:
            from relcli.warehouse.copy_out import copy_to_file
            from relcli.warehouse.reads import filled, read_text

            text = read_text(read) if read else sql
            given = filled(read, params) if read else params
            return copy_to_file(self.database, text, given, target)

        return await self.call(write)

    async def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a function in a thread and wait for it without holding the screen up. If whoever waits is
        cancelled, what it reads is interrupted; what it writes is not."""
        loop, reading = asyncio.get_running_loop(), Reading()
        answer: asyncio.Future[T] = loop.create_future()

        def settle(value: T | None, problem: BaseException | None) -> None:
            self._busy -= 1
            if answer.cancelled():
                return
            if problem is not None:
                answer.set_exception(problem)
            else:
                answer.set_result(value)  # type: ignore[arg-type]

        def work() -> None:
            value, problem = None, None
            try:
                with reading.begin():
                    value = function(*args, **kwargs)
            except BaseException as caught:
                problem = caught
            try:
                loop.call_soon_threadsafe(settle, value, problem)
            except RuntimeError:
                self._busy -= 1  # the application has gone meanwhile

        self._busy += 1
        self._start_threads()
        self._work.put(work)
        try:
            return await answer
        except asyncio.CancelledError:
            self._give_up(reading)
            raise

    def _give_up(self, reading: Reading) -> None:
        if not reading.ended:
            reading.give_up()
            asyncio.get_running_loop().call_later(_AGAIN_S, self._give_up, reading)

    def _start_threads(self) -> None:
        while len(self._threads) < _N_THREADS:
            thread = threading.Thread(target=self._loop, daemon=True, name="warehouse")
            self._threads.append(thread)
            thread.start()

    def _loop(self) -> None:
        while True:
            self._work.get()()


def _key(name: str, params: dict[str, Any]) -> str:
    return f"{name} {sorted(params.items())}"
