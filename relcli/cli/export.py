"""`relcli export`: out of the warehouse into files, in the form of somebody else's tools."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from relcli.cli.declared import declared
from relcli.cli.output import talk, write_record
from relcli.errors import UsageError
from relcli.options.export import (
    AttentionTooOptions,
    LogFolderOptions,
    NewFolderOptions,
    StudyOptions,
    TableOptions,
)
from relcli.options.shared import DisplayName, OutputFormat
from relcli.options.which_run import NewestRunOptions, OneRunOptions
from relcli.progress.showing import showing


class Forms(TyperGroup):
    """The forms; what names none of them is `study`, as `relcli export RUN --out DIR` was before there were
    others."""

    def parse_args(self, ctx: typer.Context, args: Sequence[str]) -> Any:
        given = list(args)
        if given and given[0] not in (*self.commands, *ctx.help_option_names):
            given.insert(0, "study")
        return super().parse_args(ctx, given)


app = typer.Typer(
    cls=Forms,
    help="Write a run in another tool's form: the study's files, a data set for the hub, a log for inspect, "
    "or a table.",
    no_args_is_help=True,
)


@app.command("study")
@declared(StudyOptions)
def study(
    out: Path,
    run: str | None,
    table: str | None,
    attention: bool | None,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Write a run in the study's form: its CSV, queries.json and attention files (npz).

    relcli export study published --out eval_results

    relcli import seed reads what this writes. `relcli export RUN --out DIR` is the same.
    """
    if table is not None:
        _write_table(db, table, out, run, format)
        return
    if run is None:
        raise UsageError("Name a run; relcli runs list shows those there are.")
    from relcli.jobs.exporting import export_run

    with showing(display) as progress:
        done = export_run(db, run, out, attention=attention, progress=progress)
    if display != "jsonl":
        write_record([("out", str(done.out)), ("lines", done.n_lines), ("files", done.n_files)], format)


@app.command("dataset")
@declared(NewFolderOptions, NewestRunOptions, AttentionTooOptions)
def dataset(
    out: Path,
    run: str | None,
    attention: bool | None,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Write a run with its scenes as a data set for the Hugging Face Hub: Parquet, pictures, a card.

    relcli export dataset published --run mine

    relcli import dataset reads what this writes; datasets.load_dataset("published", "answer") too. Answers
    under cuts are in it, probes and maps of every step are not.
    """
    from relcli.jobs.export_dataset import export_dataset

    with showing(display) as progress:
        done = export_dataset(db, run, out, attention=attention, progress=progress)
    if display != "jsonl":
        write_record([("out", str(done.out)), *done.rows.items()], format)


@app.command("inspect")
@declared(LogFolderOptions, NewestRunOptions)
def inspect(
    out: Path,
    run: str | None,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Write a run's answers as eval logs of inspect, with pictures, grades and accuracies.

    relcli export inspect logs --run mine

    inspect view --log-dir logs shows them. Answers under cuts are left out.
    """
    from relcli.jobs.export_inspect import export_inspect

    with showing(display) as progress:
        done = export_inspect(db, run, out, progress=progress)
    if display != "jsonl":
        write_record([("out", str(done.out)), ("logs", len(done.logs)), ("samples", done.n_samples)], format)
        talk(f"To look at them: inspect view --log-dir {done.out}")


@app.command("table")
@declared(TableOptions, OneRunOptions)
def table(
    name: str,
    out: Path,
    run: str | None,
    db: Path,
    format: OutputFormat,
) -> None:
    """Write a table or view as CSV, Parquet or JSON.

    relcli export table raw_vs_masked --out raw_vs_masked.parquet

    A query's rows go into a file with relcli sql --format csv.
    """
    _write_table(db, name, out, run, format)


def _write_table(db: Path, name: str, out: Path, run: str | None, format: OutputFormat) -> None:
    from relcli.warehouse.copy_table import copy_table

    rows = copy_table(db, name, out, run=run)
    write_record([("out", str(out)), ("rows", rows)], format)
