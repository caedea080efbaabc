"""`relcli doctor`: is this machine ready?"""

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Format
from relcli.cli.output import write_rows
from relcli.hints import with_database


def doctor(db: Database = DEFAULT_DB, format: Format = "table", debug: Debug = False) -> None:
    """Versions, devices, memory, disk, hub and the warehouse, checked in a few seconds. Exits with 1 if
    something that relcli needs is missing or broken."""
    from relcli.jobs.doctor import examine

    findings = list(examine(db))
    rows = [(f.what, f.state, with_database(f.says)) for f in findings]
    write_rows(("what", "state", "says"), rows, format)
    if any(f.state == "problem" for f in findings):
        raise typer.Exit(1)
