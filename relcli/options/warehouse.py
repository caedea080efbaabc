"""The options of `relcli db`, `relcli sql` and `relcli tui`."""

from dataclasses import dataclass
from pathlib import Path

from relcli.inputs import LARGEST_INTEGER
from relcli.options.declaration import option

SHOWN_ROWS = 1000
"""Rows of a query that a table for the eye has."""


@dataclass(frozen=True, kw_only=True)
class FillOptions:
    run: str | None = option(None, "One run.", argument=True, empty="every run that waits")


@dataclass(frozen=True, kw_only=True)
class SnapshotOptions:
    target: Path = option(help="The new file, or a folder to put it in.", argument=True, metavar="COPY")


@dataclass(frozen=True, kw_only=True)
class SqlOptions:
    query: str | None = option(
        None, "SQL, a file that holds it, or - for standard input.", argument=True
    )
    write: bool = option(False, "Allow changes to the warehouse.")
    allow_external: bool = option(
        False, "Let this SQL read and write other files and databases, load extensions, change settings."
    )
    limit: int | None = option(
        None,
        "At most so many rows.",
        empty=f"{SHOWN_ROWS} for table and markdown, else all",
        least=1,
        most=LARGEST_INTEGER - 1,
    )


@dataclass(frozen=True, kw_only=True)
class TuiOptions:
    run: str | None = option(None, "Open this run at once.", argument=True)
