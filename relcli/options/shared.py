"""The options that every command has, or most."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from relcli import paths
from relcli.options.declaration import option

SHARED = "Shared options"
OutputFormat = Literal["table", "csv", "json", "jsonl", "markdown"]
DisplayName = Literal["auto", "rich", "plain", "jsonl", "none"]


@dataclass(frozen=True, kw_only=True)
class SharedOptions:
    """A command takes those it needs; each takes `debug`."""

    db: Path = option(
        paths.default_database(), "The warehouse, a DuckDB file.", panel=SHARED, variable="RELCLI_DB"
    )
    format: OutputFormat = option(
        "table",
        "How rows are written; all but table and markdown are unrounded.",
        panel=SHARED,
        variable="RELCLI_FORMAT",
    )
    display: DisplayName = option(
        "auto",
        "How progress is shown: a bar, lines, or JSON lines on standard output for programs.",
        panel=SHARED,
        variable="RELCLI_DISPLAY",
    )
    debug: bool = option(
        False, "Show the traceback of an error.", panel=SHARED, variable="RELCLI_DEBUG"
    )
