"""How long work tells people and programs where it stands.

A job takes a `Progress` and calls it; who watches is the caller's affair. `rich` draws a bar and `plain`
writes a line now and then, both on standard error; `jsonl` writes one object a line on standard output, for
programs.
"""

import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

from relcli.errors import InterruptedRun, UsageError
from relcli.hints import with_database
from relcli.visible import visible

DISPLAYS = ("auto", "rich", "plain", "jsonl", "none")


class Progress(Protocol):
    """What a job may say. `start` may be called again for the next phase; `finish` is the last call."""

    def start(self, total: int | None, unit: str, description: str) -> None: ...

    def advance(self, n: int = 1) -> None: ...

    def note(self, message: str) -> None: ...

    def metric(self, **values: float | str) -> None: ...

    def finish(self, summary: Mapping[str, Any] | None = None) -> None: ...


class NullProgress:
    """Says nothing."""

    def start(self, total: int | None, unit: str, description: str) -> None: ...

    def advance(self, n: int = 1) -> None: ...

    def note(self, message: str) -> None: ...

    def metric(self, **values: float | str) -> None: ...

    def finish(self, summary: Mapping[str, Any] | None = None) -> None: ...


class Meter:
    """Counts units of one phase. Rate (units a second) is taken over the last half minute, so that a slow
    start does not spoil the estimate of the time left."""

    WINDOW_S = 30.0

    def __init__(self, total: int | None, unit: str, description: str) -> None:
        self.total, self.unit, self.description = total, unit, description
        self.done = 0
        self.started = time.monotonic()
        self._marks: deque[tuple[float, int]] = deque([(self.started, 0)])

    def advance(self, n: int) -> None:
        now = time.monotonic()
        self.done += n
        self._marks.append((now, self.done))
        while len(self._marks) > 2 and now - self._marks[1][0] > self.WINDOW_S:
            self._marks.popleft()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    @property
    def rate(self) -> float | None:
        since, count = self._marks[0]
        span = self._marks[-1][0] - since
        return (self.done - count) / span if span > 0 else None

    @property
    def eta_s(self) -> float | None:
        if self.total is None or not self.rate:
            return None
        return max(0.0, (self.total - self.done) / self.rate)

    def fields(self) -> dict[str, Any]:
        rate, eta = self.rate, self.eta_s
        return {
            "done": self.done,
            "total": self.total,
            "unit": self.unit,
            "rate": None if rate is None else round(rate, 3),
            "eta_s": None if eta is None else round(eta, 1),
        }


class JsonlProgress:
    """One JSON object a line: event, time (seconds since 1970) and the event's own fields. Advances are
    thinned to five a second; the last one of a phase is always written."""

    EVERY_S = 0.2

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        self._meter: Meter | None = None
        self._said_at = 0.0
        self._said_done = 0

    def emit(self, event: str, **fields: Any) -> None:
        line = json.dumps({"event": event, "time": round(time.time(), 3), **fields}, default=str)
        try:
            with self._lock:
                self._stream.write(line + "\n")
                self._stream.flush()
        except BrokenPipeError:
            # Python would complain once more when it flushes standard output at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise InterruptedRun(
                "Nobody reads the progress any more; what was finished is kept, and --resume goes on."
            ) from None

    def start(self, total: int | None, unit: str, description: str) -> None:
        self._close_phase()
        self._meter = Meter(total, unit, description)
        self._said_done = 0
        self.emit("start", total=total, unit=unit, message=description)

    def advance(self, n: int = 1) -> None:
        if self._meter is None:
            return
        self._meter.advance(n)
        if time.monotonic() - self._said_at >= self.EVERY_S or self._meter.done == self._meter.total:
            self._say()

    def _say(self) -> None:
        assert self._meter is not None
        self._said_at, self._said_done = time.monotonic(), self._meter.done
        self.emit("advance", **self._meter.fields())

    def _close_phase(self) -> None:
        if self._meter is not None and self._meter.done != self._said_done:
            self._say()

    def note(self, message: str) -> None:
        self.emit("note", message=with_database(message))

    def metric(self, **values: float | str) -> None:
        self.emit("metric", **values)

    def error(self, message: str, exit_code: int) -> None:
        self.emit("error", message=with_database(message), exit_code=exit_code)

    def finish(self, summary: Mapping[str, Any] | None = None) -> None:
        self._close_phase()
        self.emit("finish", **(summary or {}))


class PlainProgress:
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


class RichProgress:
    """A bar on a terminal: done of total, rate, time left, and the latest metrics."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        self._bar = Bar(
            SpinnerColumn("line" if console.options.ascii_only else "dots"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[says]}", markup=False),
            console=console,
            transient=False,
            refresh_per_second=5,
        )
        self._meter: Meter | None = None
        self._metrics: dict[str, float | str] = {}
        self._task: Any = None

    def start(self, total: int | None, unit: str, description: str) -> None:
        self._close_phase()
        self._meter, self._metrics = Meter(total, unit, description), {}
        self._task = self._bar.add_task(visible(description), total=total, says="")
        self._bar.start()

    def advance(self, n: int = 1) -> None:
        if self._meter is None:
            return
        self._meter.advance(n)
        says = describe(self._meter, self._metrics).removeprefix(self._meter.description + ": ")
        self._bar.update(self._task, completed=self._meter.done, says=visible(says))

    def _close_phase(self) -> None:
        if self._meter is not None:
            says = f"{self._meter.done:,} {self._meter.unit} in {duration(self._meter.elapsed)}"
            full = self._meter.done or 1
            self._bar.update(self._task, total=full, completed=full, says=says)
            self._meter = None

    def note(self, message: str) -> None:
        from rich.text import Text

        self._bar.console.print(Text(visible(with_database(message), keep="\n")))

    def metric(self, **values: float | str) -> None:
        self._metrics.update(values)

    def finish(self, summary: Mapping[str, Any] | None = None) -> None:
        self._close_phase()
        self.stop()

    def stop(self) -> None:
        """Give the terminal back; also called when the job fails."""
        self._bar.stop()


def describe(meter: Meter, metrics: Mapping[str, float | str]) -> str:
    """`answering: 120/840 questions, 45.2/s, 16 s left, loss 0.123`"""
    of = "" if meter.total is None else f"/{meter.total:,}"
    parts = [f"{meter.description}: {meter.done:,}{of} {meter.unit}"]
    if meter.rate is not None:
        parts.append(f"{meter.rate:.3g}/s" if meter.rate < 10 else f"{meter.rate:,.0f}/s")
    if meter.eta_s is not None:
        parts.append(f"{duration(meter.eta_s)} left")
    parts += [f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in metrics.items()]
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """`8.2 s`, `45 s`, `3 min 05 s`, `2 h 10 min`"""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def is_dumb() -> bool:
    """Whether the terminal says that it can only write lines."""
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def make_progress(display: str = "auto") -> Progress:
    """The display by name; `auto` is rich on a terminal and plain elsewhere, also on one that can't move its
    cursor. Raises UsageError."""
    if display == "auto":
        display = "rich" if sys.stderr.isatty() else "plain"
    if display == "rich" and is_dumb():
        display = "plain"
    if display == "rich":
        return RichProgress()
    if display == "plain":
        return PlainProgress()
    if display == "jsonl":
        return JsonlProgress()
    if display == "none":
        return NullProgress()
    raise UsageError(f"There is no display {display!r}; choose one of {', '.join(DISPLAYS)}.")
