"""Progress for programs: one JSON object a line."""

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, TextIO

from relcli.errors import InterruptedRun
from relcli.hints import with_database
from relcli.progress.events import (
    Advanced,
    Event,
    Failed,
    Finished,
    Metric,
    Note,
    PhaseStarted,
    RunStarted,
    to_record,
)
from relcli.progress.interface import NullProgress
from relcli.progress.meter import Meter


class JsonlProgress(NullProgress):
    """One JSON object a line: event, time (seconds since 1970) and the event's own fields. Advances are
    thinned to five a second; the last one of a phase is always written."""

    EVERY_S = 0.2
    watch_stdin = True

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        self._meter: Meter | None = None
        self._said_at = 0.0
        self._said_done = 0

    def _emit(self, event: Event) -> None:
        line = json.dumps(to_record(event, time.time()), default=str)
        try:
            with self._lock:
                self._stream.write(line + "\n")
                self._stream.flush()
        except BrokenPipeError:
            # Python would complain once more when it flushes standard output at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise InterruptedRun(
                "Nobody reads the progress any more; what was finished is kept, and --resume continues."
            ) from None

    def start(self, total: int | None, unit: str, description: str) -> None:
        self._close_phase()
        self._meter = Meter(total, unit, description)
        self._said_done = 0
        self._emit(PhaseStarted(total, unit, description))

    def advance(self, n: int = 1) -> None:
        if self._meter is None:
            return
        self._meter.advance(n)
        if time.monotonic() - self._said_at >= self.EVERY_S or self._meter.done == self._meter.total:
            self._say()

    def _say(self) -> None:
        meter = self._meter
        assert meter is not None
        self._said_at, self._said_done = time.monotonic(), meter.done
        rate, eta = meter.rate, meter.eta_s
        self._emit(
            Advanced(
                meter.done,
                meter.total,
                meter.unit,
                None if rate is None else round(rate, 3),
                None if eta is None else round(eta, 1),
            )
        )

    def _close_phase(self) -> None:
        if self._meter is not None and self._meter.done != self._said_done:
            self._say()

    def run_started(self, run: str) -> None:
        self._emit(RunStarted(run))

    def note(self, message: str) -> None:
        self._emit(Note(with_database(message)))

    def metric(self, **values: float | str) -> None:
        self._emit(Metric(values))

    def failed(self, message: str, exit_code: int) -> None:
        self._emit(Failed(with_database(message), exit_code))

    def finish(self, summary: Mapping[str, Any] | None = None) -> None:
        self._close_phase()
        self._emit(Finished(summary or {}))
