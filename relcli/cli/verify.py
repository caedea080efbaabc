"""`relcli verify`: is the fast path right?"""

from dataclasses import asdict
from pathlib import Path

import typer

from relcli.cli.declared import Given, declared
from relcli.cli.output import write_record
from relcli.options.shared import DisplayName, OutputFormat
from relcli.options.verify import VerifyOptions
from relcli.progress.showing import showing


@declared(VerifyOptions)
def verify(
    options: Given,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Ask some questions the fast way and by plain eager generation, and compare tokens and attention.

    Exits with 1 if they differ by more than rounding.
    """
    from relcli.jobs.verify import VerifyRequest
    from relcli.jobs.verify import verify as job

    request = VerifyRequest.of(*options)
    with showing(display) as progress:
        outcome = job(db, request, progress)
        if display != "jsonl":
            write_record(list(asdict(outcome).items()), format)
    if not outcome.passed:
        raise typer.Exit(1)
