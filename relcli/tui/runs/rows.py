"""The list of runs: its columns, and what stands in them."""

from datetime import datetime
from typing import Any

from relcli.tui.widgets.cells import Tones, bar, cut, share, state_mark
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column

_WITH_BAR = 12


def cells_of(
    row: dict[str, Any], widths: dict[str, int | None], now: datetime, tone: Tones
) -> list[Text | str]:
    """A row of `run_list` in the columns, by heading, whose widths are given; `tone`: colours by name."""
    n, planned = row["n_answers"], row["n_planned"]
    unfinished = planned and n < planned
    cells: list[Text | str] = [
        state_mark(row["state"], tone),
        cut(row["run"], widths["run"] or 0),
        Text(f"{n:,}" + (f"/{planned:,}" if unfinished else ""), justify="right"),
    ]
    for variant, style in (("raw", "primary"), ("masked", "accent")):
        value = row[f"accuracy_{variant}"]
        drawn = Text.assemble(bar(value, 6, tone[style]), " ", share(value))
        if (widths["raw %"] or 0) < _WITH_BAR:
            drawn = share(value)
        cells.append("" if value is None else drawn)
    if width := widths.get("model"):
        cells.insert(2, cut((row["model"] or "").rstrip("/").rpartition("/")[2], width))
    if width := widths.get("data set"):
        cells.append(cut(row["dataset"], width))
    if "started" in widths:
        cells.append(ago(row["started_at"], now))
    return cells


def columns(width: int, longest: int) -> list[Column]:
    """Those there is room for; what is left goes to the names of runs, as far as they need it."""
    bars = _WITH_BAR if width >= 76 else 8
    found: list[Column] = [("state", 9), ("run", 0), (">answers", 11), ("raw %", bars), ("masked %", bars)]
    if width >= 112:
        found[2:2] = [("model", 22)]
        found += [("data set", 14)] * (width >= 136) + [("started", 12)]
    rest = width - sum((wide or 0) + 2 for _, wide in found)
    found[1] = ("run", max(10, min(rest, max(28, longest))))
    return found


def ago(then: datetime | None, now: datetime) -> str:
    """How long ago, roughly."""
    if then is None:
        return ""
    seconds = max(0.0, (now - then).total_seconds())
    if seconds < 90:
        return "just now"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago" if seconds < 86_400 else f"{then:%Y-%m-%d}"
