"""After the answers: the ready rows that keep the attention views quick."""

from contextlib import suppress
from pathlib import Path

from relcli.errors import WarehouseError
from relcli.progress import Progress
from relcli.warehouse.fills import fill_attention

_WORTH_SHOWING = 300_000
"""Rows of attention from which the work takes long enough to show."""


def fill_views(database: Path, run: str, progress: Progress) -> None:
    """Get the attention views of a run ready. Where that fails (somebody else holds the
    warehouse, the disk is full), they stay right and slower."""
    shown = 0

    def show(done: int, total: int) -> None:
        nonlocal shown
        if total < _WORTH_SHOWING:
            return
        if not shown:
            progress.start(total, "rows", "Getting the attention views ready")
        progress.advance(done - shown)
        shown = done

    with suppress(WarehouseError, OSError):
        fill_attention(database, run, on_rows=show)
