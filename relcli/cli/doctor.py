"""`relcli doctor`: is this machine ready?"""

from pathlib import Path

import typer

from relcli.cli.declared import declared
from relcli.cli.output import write_rows
from relcli.hints import with_database
from relcli.options.shared import OutputFormat


@declared()
def doctor(db: Path, format: OutputFormat) -> None:
    """Versions, devices, memory, disk, hub and the warehouse, checked in a few seconds. Exits with 1 if
    something that relcli needs is missing or broken."""
    from relcli.jobs.doctor import examine

    findings = list(examine(db))
    rows = [(f.what, f.state, with_database(f.says)) for f in findings]
    write_rows(("what", "state", "says"), rows, format)
    if any(f.state == "problem" for f in findings):
        raise typer.Exit(1)
