"""The tree of commands, in the order and the panels of the help. A command's module is imported with it."""

from collections.abc import Iterable
from importlib import import_module

import typer

from relcli.cli.late_types import LateCommand

_TARGETS = {
    "Ask": {
        **{name: f"{name}:{name}" for name in ("run", "ask", "plan", "cut", "patch", "steer", "generate")},
        **{name: f"{name}:{name}" for name in ("verify", "train", "worker")},
    },
    "Look": {
        "tui": "tui:tui",
        **{name: f"{name}:app" for name in ("runs", "experiments")},
        **{name: f"{name}:{name}" for name in ("sql", "diff", "audit", "looks", "probe", "report", "figure")},
    },
    "Keep": {
        **{"db": "db:app", "import": "import_:app", "export": "export:app"},
        **{name: f"{name}:{name}" for name in ("config", "doctor")},
    },
}
_PANELS = {name: panel for panel, targets in _TARGETS.items() for name in targets}
NAMES = tuple(_PANELS)


def add_commands(app: typer.Typer, names: Iterable[str] = NAMES) -> None:
    """Add these commands and groups of commands, which are names in `NAMES`."""
    for name in names:
        panel = _PANELS[name]
        module, _, attribute = _TARGETS[panel][name].partition(":")
        target = getattr(import_module(f"relcli.cli.{module}"), attribute)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name, rich_help_panel=panel)
        else:
            app.command(name, cls=LateCommand, rich_help_panel=panel)(target)
