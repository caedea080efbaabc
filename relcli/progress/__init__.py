"""Progress reporting for long-running jobs.

A job takes a `Progress` and calls it; it does not know who watches. `rich` draws a bar and `plain` writes a
line now and then, both on standard error. `jsonl` writes one event (`relcli.progress.events`) a line on
standard output, for programs.
"""

from relcli.progress.displays import DISPLAYS, is_dumb, make_progress
from relcli.progress.interface import NullProgress, Progress
from relcli.progress.jsonl import JsonlProgress
from relcli.progress.meter import duration
from relcli.progress.plain import PlainProgress

__all__ = [
    "DISPLAYS",
    "JsonlProgress",
    "NullProgress",
    "PlainProgress",
    "Progress",
    "duration",
    "is_dumb",
    "make_progress",
]
