"""`relcli export`: out of the warehouse into files."""

from pathlib import Path
from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format
from relcli.cli.output import write_record
from relcli.cli.session import showing
from relcli.errors import UsageError


def export(
    out: Annotated[
        Path,
        typer.Option(
            help="A new folder or .csv file for a run; a .csv, .parquet or .json file for a table.",
            show_default=False,
        ),
    ],
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run, to be written in the study's own form.")
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="A table or view of the warehouse, such as raw_vs_masked.")
    ] = None,
    attention: Annotated[
        bool | None,
        typer.Option(help="A run's attention files too. Default: if it has any.", show_default=False),
    ] = None,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Write a run in the study's form (CSV, queries.json, npz), or a table or view as CSV or Parquet.

    relcli export published --out eval_results

    relcli export --table raw_vs_masked --out raw_vs_masked.parquet

    relcli import seed reads what this writes. With a run, --table holds that run's rows only. A query's rows
    go into a file with relcli sql --format csv.
    """
    if table is None and run is None:
        raise UsageError("Name a run, or a table or view with --table.")
    if table is not None:
        from relcli.warehouse.copy_table import copy_table

        rows = copy_table(db, table, out, run=run)
        write_record([("out", str(out)), ("rows", rows)], format)
        return
    assert run is not None
    from relcli.jobs.exporting import export_run

    with showing(display) as progress:
        done = export_run(db, run, out, attention=attention, progress=progress)
    if display != "jsonl":
        write_record([("out", str(done.out)), ("lines", done.n_lines), ("files", done.n_files)], format)
