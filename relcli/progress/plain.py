"""Progress for a log."""

import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from relcli.hints import with_database
from relcli.progress.interface import NullProgress
from relcli.progress.meter import Meter, describe, duration
from relcli.visible import visible


class PlainProgress(NullProgress):
    """Lines for a log: one when a phase starts, one every few seconds, one when it ends."""

    EVERY_S = 5.0

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._meter: Meter | None = None
        self._metrics: dict[str, float | str] = {}
        self._said_at = 0.0

    def _line(self, text: str) -> None:
        self._stream.write(visible(text, keep="\n") + "\n")
        self._stream.flush()

    def start(self, total: int | None, unit: str, description: str) -> None:
        self._close_phase()
        self._meter, self._metrics, self._said_at = Meter(total, unit, description), {}, time.monotonic()
        self._line(description if total is None else f"{description}: {total:,} {unit}")

    def advance(self, n: int = 1) -> None:
        if self._meter is None:
            return
        self._meter.advance(n)
        if time.monotonic() - self._said_at >= self.EVERY_S:
            self._said_at = time.monotonic()
            self._line(describe(self._meter, self._metrics))

    def _close_phase(self) -> None:
        if self._meter is not None:
            done, seconds = self._meter.done, self._meter.elapsed
            self._line(f"{self._meter.description}: {done:,} {self._meter.unit} in {duration(seconds)}")
            self._meter = None

    def note(self, message: str) -> None:
        self._line(with_database(message))

    def metric(self, **values: float | str) -> None:
        self._metrics.update(values)

    def finish(self, summary: Mapping[str, Any] | None = None) -> None:
        self._close_phase()
