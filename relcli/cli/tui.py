"""`relcli tui`: the terminal application."""

from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug
from relcli.errors import UsageError


def tui(
    run: Annotated[str | None, typer.Argument(help="Open this run at once.", show_default=False)] = None,
    db: Database = DEFAULT_DB,
    debug: Debug = False,
) -> None:
    """Browse runs, look at failures with picture and heat map, start runs.

    The warehouse need not exist yet: an empty one says what to do, and can do it. F1 explains each screen.
    """
    import os
    import sys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("relcli tui needs a terminal; relcli runs and relcli sql write to pipes and files.")
    from relcli.tui.app import RelcliApp
    from relcli.tui.hangup import leave_with_terminal
    from relcli.tui.widgets.sharp import prepare

    app = RelcliApp(db)
    if app.settings.sharp:
        prepare()
    app.looking.run = run
    leave_with_terminal()
    app.run()
    code = app.return_code or 0
    if app.store.busy:
        # A query is still being answered in a thread; nothing needs it, and nobody should wait for it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise typer.Exit(code)
