"""`relcli report`: a page about a run, to hand to others."""

from pathlib import Path
from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format
from relcli.cli.output import write_record
from relcli.cli.session import showing


def report(
    run: Annotated[
        str | None, typer.Option(help="The run to tell of. Default: the newest.", show_default=False)
    ] = None,
    versus: Annotated[
        str | None,
        typer.Option(help="Another run to lay beside it, or `published`.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The page to write.")] = Path("report.html"),
    words_alone: Annotated[
        bool,
        typer.Option(help="Also train the reader of the words alone, as relcli audit does; takes longer."),
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Write a page about a run: the finding, figures with their numbers and SQL, failures with pictures and
    attention, and how the run was made.

    relcli report --run NAME --versus published -o report.html

    One HTML file that loads nothing from anywhere, for light and dark screens, phones and paper. Its numbers
    are those of the warehouse's views.
    """
    from relcli.report.page import write_report

    with showing(display) as progress:
        facts = write_report(
            db, out, run, versus=versus, words_alone=words_alone, force=force, progress=progress
        )
    if display != "jsonl":
        beside = [("versus", facts.other)] if facts.other else []
        size = out.stat().st_size
        write_record([("out", str(out)), ("run", facts.name), *beside, ("bytes", size)], format)
