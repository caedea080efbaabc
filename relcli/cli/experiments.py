"""`relcli experiments`: the cuts, patches and steering of runs, and taking one away."""

import sys
from pathlib import Path

import typer

from relcli.cli.declared import declared
from relcli.cli.output import talk, write_rows
from relcli.errors import UsageError
from relcli.options.runs import ConfirmationOptions, ExperimentOptions
from relcli.options.shared import OutputFormat
from relcli.options.which_run import OneRunOptions
from relcli.visible import visible

app = typer.Typer(help="List and remove experiments: cuts, patches and steering.", no_args_is_help=True)


@app.command("list")
@declared(OneRunOptions)
def list_experiments(
    run: str | None,
    db: Path,
    format: OutputFormat,
) -> None:
    """What was done to the models of runs: kind, steps of a sweep, controls, and answers."""
    from relcli.warehouse.reads import read
    from relcli.warehouse.unknown import require_run

    if run is not None:
        require_run(db, run)
    rows = read(db, "experiments", run=run)
    if not rows.rows:
        talk("There are no experiments yet; relcli cut, patch and steer make them.")
    if rows.rows or format not in ("table", "markdown"):
        write_rows(rows.columns, rows.rows, format)


@app.command("remove")
@declared(ExperimentOptions, ConfirmationOptions)
def remove(
    name: str,
    run: str,
    yes: bool,
    db: Path,
    format: OutputFormat,
) -> None:
    """Delete the answers of an experiment, its steps and controls included. Plain answers stay."""
    from relcli.warehouse.experiments import remove_experiment
    from relcli.warehouse.unknown import require_run

    require_run(db, run)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"Removing {name} can't be undone: say --yes to do it without being asked.")
        typer.confirm(f"Remove {visible(name)} from {visible(run)}?", abort=True, err=True)
    answers = remove_experiment(db, run, name)
    talk(f"Removed {name} with {answers:,} answers from {run}. relcli db compact gives the space back.")
