"""`relcli report`: a page about a run, to hand to others."""

from pathlib import Path

from relcli.cli.declared import declared
from relcli.cli.output import write_record
from relcli.options.figure import ReportOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing


@declared(ReportOptions)
def report(
    run: str | None,
    versus: str | None,
    out: Path,
    words_alone: bool,
    force: bool,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
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
