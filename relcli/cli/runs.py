"""`relcli runs`: what was run, one run in full, and taking one away."""

import sys
from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Format
from relcli.cli.output import talk, write_record, write_rows
from relcli.errors import RelcliError, UsageError
from relcli.visible import visible

app = typer.Typer(help="List, show and remove runs.", no_args_is_help=True)

RunName = Annotated[str, typer.Argument(metavar="RUN", help="The run's name, as relcli runs list shows it.")]


@app.command("list")
def list_runs(db: Database = DEFAULT_DB, format: Format = "table", debug: Debug = False) -> None:
    """All runs, newest first, with their state and accuracy over all categories."""
    from relcli.warehouse.reads import read

    rows = read(db, "runs")
    if not rows.rows:
        talk(f"There are no runs in {db} yet; relcli run makes one.")
    if rows.rows or format not in ("table", "markdown"):
        write_rows(rows.columns, rows.rows, format)


@app.command("show")
def show_run(run: RunName, db: Database = DEFAULT_DB, format: Format = "table", debug: Debug = False) -> None:
    """Everything that shaped one run's answers, and its accuracy by category."""
    from relcli.cli.tables import write_run_table
    from relcli.warehouse.reads import read

    rows = read(db, "run", run=run)
    if not rows.rows:
        raise unknown_run(db, run)
    record = list(rows.as_dicts()[0].items())
    if format in ("table", "markdown"):
        record = [(key, value) for key, value in record if value is not None]
        write_record(record, format)
        write_run_table(db, run, format)
    else:
        write_record(record, format)


@app.command("remove")
def remove_run(
    run: RunName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    debug: Debug = False,
) -> None:
    """Delete a run with its answers, attention and spool. Its data set stays."""
    from relcli.warehouse.runs import get_run
    from relcli.warehouse.runs import remove_run as remove

    if get_run(db, run) is None:
        raise unknown_run(db, run)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"Removing {run} can't be undone: say --yes to do it without being asked.")
        question = f"Remove {visible(run)} with all its answers? This can't be undone."
        typer.confirm(question, abort=True, err=True)
    answers = remove(db, run)
    talk(f"Removed {run} with {answers:,} answers. relcli db compact gives the space back.")


def unknown_run(db: object, run: str) -> RelcliError:
    """The sentence for a run that isn't there, with the nearest one that is."""
    from difflib import get_close_matches
    from pathlib import Path

    from relcli.warehouse.reads import read

    known = [row["run"] for row in read(Path(str(db)), "runs").as_dicts()]
    near = get_close_matches(run, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "relcli runs list shows those there are."
    return UsageError(f"There is no run {run} in {db}; {hint}")
