"""`relcli run`: ask a model a data set's questions and print accuracy by category."""

from pathlib import Path

from relcli.cli.declared import Given, declared
from relcli.cli.tables import write_cost, write_run_table
from relcli.options.run import DryRunOptions, RunOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing


@declared(RunOptions, DryRunOptions)
def run(
    options: Given,
    dry_run: bool,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
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
