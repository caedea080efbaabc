"""`relcli db`: the warehouse as a file."""

from pathlib import Path

import typer

from relcli.cli.declared import declared
from relcli.cli.output import say, talk, write_record, write_rows
from relcli.options.shared import DisplayName, OutputFormat
from relcli.options.warehouse import FillOptions, SnapshotOptions
from relcli.progress.showing import showing

app = typer.Typer(help="Where the warehouse is, how it is, and copies of it.", no_args_is_help=True)


@app.command("path")
@declared()
def show_path(db: Path, format: OutputFormat) -> None:
    """The file commands use just now: --db, RELCLI_DB, the settings file or the default."""
    if format == "table":
        say(str(db.absolute()))
    else:
        write_record([("path", str(db.absolute()))], format)


@app.command("status")
@declared()
def show_status(db: Path, format: OutputFormat) -> None:
    """Size, schema version, rows in each table, and what still waits in the spool."""
    from relcli.warehouse.maintenance import status

    found = status(db)
    waiting = [part for part in found.backlog if part.parts or part.bad_parts]
    record = [
        ("path", str(found.path)),
        ("bytes", found.size),
        ("wal_bytes", found.wal_size),
        ("schema_version", found.schema_version),
        ("latest_schema_version", found.latest_version),
        ("storage_version", found.storage_version),
        ("duckdb_version", found.duckdb_version),
        ("parts_waiting", sum(part.parts for part in waiting)),
        ("parts_unreadable", sum(part.bad_parts for part in waiting)),
    ]
    if format in ("json", "jsonl"):
        write_record([*record, ("tables", found.tables), ("views", found.views)], format)
    else:
        write_record([*record, *((f"rows of {name}", n) for name, n in found.tables.items())], format)


@app.command("migrate")
@declared()
def migrate(db: Path, format: OutputFormat) -> None:
    """Make the warehouse if it is missing, bring an older one up to date, and take in what waits in the
    spool."""
    from relcli.warehouse.ingest import ingest
    from relcli.warehouse.migrations import ensure

    version = ensure(db)
    taken = ingest(db, note=talk)
    write_record([("path", str(db)), ("schema_version", version), ("answers_taken_in", taken)], format)


@app.command("fill")
@declared(FillOptions)
def fill(
    run: str | None,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Get the attention views ready for runs that were stopped or copied in; without it they are slower, not
    wrong."""
    from relcli.jobs.materialize import fill_runs
    from relcli.warehouse.unknown import require_run

    if run is not None:
        require_run(db, run)
    with showing(display) as progress:
        made = fill_runs(db, run, progress)
        progress.finish({"runs": len(made), "rows": sum(made.values())})
    if display != "jsonl":
        write_rows(["run", "rows"], list(made.items()), format)


@app.command("compact")
@declared()
def compact(db: Path, format: OutputFormat) -> None:
    """Rewrite the file without the space that removed rows left."""
    from relcli.warehouse.maintenance import compact as rewrite

    before, after = rewrite(db)
    write_record([("path", str(db)), ("bytes_before", before), ("bytes_after", after)], format)


@app.command("snapshot")
@declared(SnapshotOptions)
def snapshot(
    target: Path,
    db: Path,
    format: OutputFormat,
) -> None:
    """Copy the warehouse as it is at one instant; a run may continue writing."""
    from relcli.warehouse.array_store import arrays_beside
    from relcli.warehouse.maintenance import snapshot as copy

    if target.is_dir():
        target = target / db.name
    size = copy(db, target)
    for run, kind, n_bytes in arrays_beside(db):
        talk(
            f"Not in the copy: the {kind} arrays of {run} ({n_bytes:,} bytes), which lie beside the warehouse"
            f" in {db.name}.spool/{run}/{kind}; copy that folder to the same place beside it."
        )
    write_record([("path", str(target)), ("bytes", size)], format)
