"""Keeps a run alive and visible while the main thread answers: heartbeats, and finished batches into the
file."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from relcli.errors import WarehouseError
from relcli.warehouse.ingest import ingest
from relcli.warehouse.runs import heartbeat


class IngestThread:
    """A thread that beats every few seconds and takes the spool in every ten.

    A warehouse that somebody else holds is no reason to stop: answers wait in the spool, and `note` hears of
    it once. Anything else that goes wrong is kept in `problem`, for the main thread to raise.
    """

    BEAT_S = 5.0
    INGEST_S = 10.0
    PATIENCE_S = 2.0

    def __init__(self, database: Path, run: str, note: Callable[[str], None]) -> None:
        self._database, self._run, self._note = database, run, note
        self._end = threading.Event()
        self._busy_noted = False
        self.problem: Exception | None = None
        self._thread = threading.Thread(target=self._loop, daemon=True, name="keeper")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait until it has let go of the warehouse."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()

    def check(self) -> None:
        if self.problem is not None:
            raise self.problem

    def _loop(self) -> None:
        ingested = time.monotonic()
        while not self._end.wait(self.BEAT_S):
            try:
                if time.monotonic() - ingested >= self.INGEST_S:
                    ingest(self._database, self._run, beat=True, timeout_s=self.PATIENCE_S, note=self._note)
                    ingested = time.monotonic()
                else:
                    heartbeat(self._database, self._run, timeout_s=self.PATIENCE_S)
            except WarehouseError as problem:
                if not self._busy_noted:
                    self._busy_noted = True
                    self._note(f"Answers wait in the spool for now: {problem}")
            except Exception as problem:
                self.problem = problem
                return


def ingest_all(database: Path, run: str, note: Callable[[str], None], patience_s: float = 60.0) -> int:
    """The last ingest of a job. Waits longer than the others, and says where the answers are if that
    fails."""
    try:
        return ingest(database, run, timeout_s=patience_s, note=note)
    except WarehouseError as problem:
        raise WarehouseError(
            f"{str(problem).rstrip('.')}; all answers are safe in the spool, and the next relcli command "
            "that writes to this warehouse takes them in."
        ) from problem
