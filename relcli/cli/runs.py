"""`relcli runs`: what was run, one run in full, its name, notes and marks, and taking one away."""

import sys
from pathlib import Path

import typer

from relcli.cli.declared import declared
from relcli.cli.output import talk, write_record, write_rows
from relcli.errors import UsageError
from relcli.options.runs import ConfirmationOptions, MarkOptions, NoteOptions, RenameOptions
from relcli.options.shared import OutputFormat
from relcli.options.which_run import NamedRunOptions
from relcli.visible import visible

app = typer.Typer(help="List, show, rename, note and remove runs.", no_args_is_help=True)


@app.command("list")
@declared()
def list_runs(db: Path, format: OutputFormat) -> None:
    """All runs, newest first, with their state and accuracy over all categories."""
    from relcli.warehouse.reads import read

    rows = read(db, "runs")
    if not rows.rows:
        talk(f"There are no runs in {db} yet; relcli run makes one.")
    if rows.rows or format not in ("table", "markdown"):
        write_rows(rows.columns, rows.rows, format)


@app.command("show")
@declared(NamedRunOptions)
def show_run(run: str, db: Path, format: OutputFormat) -> None:
    """Everything that shaped one run's answers, and its accuracy by category."""
    from relcli.cli.tables import write_run_table
    from relcli.warehouse.reads import read
    from relcli.warehouse.unknown import unknown_run

    rows = read(db, "run", run=run)
    if not rows.rows:
        raise unknown_run(db, run)
    record = list(rows.as_dicts()[0].items())
    record += [("note", note) for note, _ in read(db, "run_note", run=run).rows]
    if format in ("table", "markdown"):
        record = [(key, value) for key, value in record if value is not None]
        write_record(record, format)
        write_run_table(db, run, format)
    else:
        write_record(record, format)


@app.command("remove")
@declared(NamedRunOptions, ConfirmationOptions)
def remove_run(
    run: str,
    yes: bool,
    db: Path,
    format: OutputFormat,
) -> None:
    """Delete a run with its answers, attention and spool. Its data set stays."""
    from relcli.warehouse.runs import remove_run as remove
    from relcli.warehouse.unknown import require_run

    require_run(db, run)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"Removing {run} can't be undone: say --yes to do it without being asked.")
        question = f"Remove {visible(run)} with all its answers? This can't be undone."
        typer.confirm(question, abort=True, err=True)
    answers = remove(db, run)
    talk(f"Removed {run} with {answers:,} answers. relcli db compact gives the space back.")


@app.command("rename")
@declared(NamedRunOptions, RenameOptions)
def rename_run(run: str, name: str, db: Path) -> None:
    """Give a run another name, with all that belongs to it."""
    from relcli.warehouse.renaming import rename_run as rename
    from relcli.warehouse.unknown import require_run

    require_run(db, run)
    rename(db, run, name)
    talk(f"{run} is {name} now.")


@app.command("note")
@declared(NamedRunOptions, NoteOptions)
def note_run(run: str, text: str, db: Path) -> None:
    """Write a note about a run. relcli runs show prints it, and table run_note holds it."""
    from relcli.warehouse.marks import set_run_note
    from relcli.warehouse.unknown import require_run

    require_run(db, run)
    set_run_note(db, run, text)


@app.command("mark")
@declared(NamedRunOptions, MarkOptions)
def mark_question(
    run: str,
    question: str,
    note: str,
    off: bool,
    db: Path,
) -> None:
    """Mark a question of a run, to find it again. Table question_mark holds the marks."""
    from relcli.warehouse.marks import set_mark
    from relcli.warehouse.unknown import require_run

    scene_id, dot, question_index = question.partition(".")
    if not (dot and scene_id.isdecimal() and question_index.isdecimal()):
        raise UsageError(f"{question!r} doesn't name a question; write scene and question, such as 25.108.")
    require_run(db, run)
    set_mark(db, run, int(scene_id), int(question_index), marked=not off, note=None if off else note)
