"""Progress on a terminal: a bar."""

from collections.abc import Mapping
from typing import Any

from relcli.hints import with_database
from relcli.progress.interface import NullProgress
from relcli.progress.meter import Meter, describe, duration
from relcli.visible import visible


class RichProgress(NullProgress):
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
        self.close()

    def close(self) -> None:
        self._bar.stop()
