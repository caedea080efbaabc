"""`relcli tui`: the terminal application."""

from pathlib import Path

from relcli.cli.declared import declared
from relcli.cli.output import is_unicode
from relcli.errors import UsageError
from relcli.options.warehouse import TuiOptions
from relcli.progress import is_dumb

_NAMED = 20


@declared(TuiOptions)
def tui(run: str | None, db: Path) -> None:
    """Browse runs, look at failures with picture and heat map, start runs.

    The warehouse need not exist yet: an empty one says what to do, and can do it. F1 explains each screen.
    """
    import os
    import sys

    if run is not None:
        _check_run(db, run)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("relcli tui needs a terminal; other commands write to pipes and files.")
    if is_dumb():
        raise UsageError(
            f"relcli tui needs a terminal that can move its cursor, and TERM={os.environ['TERM']} says that "
            "this one can't; other commands only write lines."
        )
    if not is_unicode(sys.stderr):
        raise UsageError(
            f"relcli tui draws with characters that this terminal's encoding, {sys.stderr.encoding}, lacks: "
            "choose a UTF-8 locale, such as LANG=C.UTF-8."
        )
    from relcli.tui.frame.memory import take_over

    take_over()
    from relcli.tui.app import RelcliApp
    from relcli.tui.frame.terminal import leave_with_terminal
    from relcli.tui.question.graphics import prepare

    app = RelcliApp(db)
    if app.settings.graphics:
        prepare()
    app.selection.run = run
    leave_with_terminal()
    app.run()
    code = app.return_code or 0
    # A query may still be answered in a thread, for which nobody should wait; and DuckDB's client writes to
    # the terminal of what it has not let go of when the interpreter takes everything apart.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _check_run(db: Path, run: str) -> None:
    """Refuse a run that isn't there while there still is a shell to say so in."""
    from relcli.warehouse.reads import read

    known = [row["run"] for row in read(db, "runs").as_dicts()]
    if run not in known:
        more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
        names = f"there are {', '.join(known[:_NAMED])}{more}" if known else "there are none yet"
        raise UsageError(f"There is no run {run} in {db}; {names}.")
