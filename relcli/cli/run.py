"""`relcli run`: ask a model a data set's questions and print accuracy by category."""

from typing import Annotated

import typer

from relcli.cli.declared import Given, declared
from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format
from relcli.cli.session import showing
from relcli.cli.tables import write_cost, write_run_table
from relcli.options.declaration import HOW
from relcli.options.run import RunOptions


@declared(RunOptions)
def run(
    options: Given,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say how many questions, bytes and seconds it would be, and stop.",
            rich_help_panel=HOW,
        ),
    ] = False,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Ask a model a data set's questions, on each picture and its masked twin, and print accuracy by
    category.

    Works as it stands, without GPU, hub or token: the bundled model answers questions on the bundled scenes.
    Every answer and where the model's attention went are kept in the warehouse. Stop it with Ctrl-C and
    continue with --name NAME --resume.
    """
    from relcli.jobs.request import RunRequest
    from relcli.jobs.run import run as job

    request = RunRequest.of(*options)
    if dry_run:
        from relcli.jobs.planning import cost

        with showing(display) as progress:
            expected = cost(db, request, progress)
        write_cost(expected, format)
        return
    with showing(display) as progress:
        outcome = job(db, request, progress)
        if outcome.leads and display != "jsonl":
            write_run_table(db, outcome.run, format)
