"""After the answers: the ready rows that keep the attention views quick."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from relcli.errors import WarehouseError
from relcli.progress import Progress
from relcli.warehouse.materialized import fill_attention, unfilled_runs

_WORTH_SHOWING = 300_000
"""Rows of attention from which the work takes long enough to show."""


def fill_views(database: Path, run: str, progress: Progress) -> None:
    """Get the attention views of a run ready. Where that fails (somebody else holds the
    warehouse, the disk is full), they stay right and slower."""
    with suppress(WarehouseError, OSError):
        fill_attention(database, run, on_rows=_shown(progress, _WORTH_SHOWING))


def fill_runs(database: Path, run: str | None, progress: Progress) -> dict[str, int]:
    """Get the attention views of one run ready, or of every run that is not; returns the rows made for each.

    Raises WarehouseError where `fill_views` passes over it.
    """
    waiting = [name for name in unfilled_runs(database) if run in (None, name)]
    return {name: fill_attention(database, name, on_rows=_shown(progress, 0)) for name in waiting}


def _shown(progress: Progress, from_rows: int) -> Callable[[int, int], None]:
    """What tells a display of rows done, if there are at least so many."""
    shown = 0

    def show(done: int, total: int) -> None:
        nonlocal shown
        if total < from_rows:
            return
        if not shown:
            progress.start(total, "rows", "Getting the attention views ready")
        progress.advance(done - shown)
        shown = done

    return show
