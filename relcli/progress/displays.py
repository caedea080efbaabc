"""Displays by name."""

import os
import sys

from relcli.errors import UsageError
from relcli.progress.interface import NullProgress, Progress
from relcli.progress.jsonl import JsonlProgress
from relcli.progress.plain import PlainProgress
from relcli.progress.terminal import RichProgress

DISPLAYS = ("auto", "rich", "plain", "jsonl", "none")


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
