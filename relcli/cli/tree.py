"""The tree of commands, in the order and the panels of the help. A command's module is imported with it."""

from collections.abc import Iterable
from importlib import import_module

import typer

from relcli.cli.late_types import LateCommand

_PANELS = {
    "Ask": ("run", "ask", "plan", "cut", "patch", "steer", "generate", "verify", "train", "worker"),
    "Look": ("tui", "runs", "experiments", "sql", "diff", "audit", "looks", "probe", "report", "figure"),
    "Keep": ("db", "import", "export", "config", "doctor"),
}
_PANEL_OF = {name: panel for panel, names in _PANELS.items() for name in names}
_GROUPS = ("runs", "experiments", "db", "import", "export")
NAMES = tuple(_PANEL_OF)


def add_commands(app: typer.Typer, names: Iterable[str] = NAMES) -> None:
    """Add these commands and groups of commands, which are names in `NAMES`."""
    for name in names:
        panel = _PANEL_OF[name]
        module = import_module(f"relcli.cli.{'import_' if name == 'import' else name}")
        if name in _GROUPS:
            app.add_typer(module.app, name=name, rich_help_panel=panel)
        else:
            app.command(name, cls=LateCommand, rich_help_panel=panel)(getattr(module, name))
