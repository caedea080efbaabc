"""Options that several commands share, each said once."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from relcli import hints, paths
from relcli.errors import UsageError
from relcli.scenes.vocabulary import CATEGORIES, nearest_category

SHARED = "Shared options"
DEFAULT_DB = paths.default_database()

OutputFormat = Literal["table", "csv", "json", "jsonl", "markdown"]
DisplayName = Literal["auto", "rich", "plain", "jsonl", "none"]


def _remember_debug(value: bool) -> bool:
    # The handler in main.py has no access to a command's parameters; the environment reaches child processes
    # too.
    if value:
        os.environ["RELCLI_DEBUG"] = "1"
    return value


def _check_database(context: typer.Context, param: typer.CallbackParam, value: Path) -> Path:
    """What can't be a warehouse, whatever command gets it; hints carry the path if it was named for this
    call."""
    if context.resilient_parsing:
        return value
    paths.check_database(value)
    source = context.get_parameter_source(param.name or "")
    if source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT"):
        hints.name_database(value)
    return value


Database = Annotated[
    Path,
    typer.Option(
        "--db",
        envvar="RELCLI_DB",
        help="The warehouse, a DuckDB file.",
        callback=_check_database,
        rich_help_panel=SHARED,
    ),
]
Format = Annotated[
    OutputFormat,
    typer.Option(
        "--format",
        envvar="RELCLI_FORMAT",
        help="How rows are written; all but table and markdown are unrounded.",
        rich_help_panel=SHARED,
    ),
]
Display = Annotated[
    DisplayName,
    typer.Option(
        "--display",
        envvar="RELCLI_DISPLAY",
        help="How progress is shown: a bar, lines, or JSON lines on standard output for programs.",
        rich_help_panel=SHARED,
    ),
]
Debug = Annotated[
    bool,
    typer.Option(
        "--debug",
        envvar="RELCLI_DEBUG",
        help="Show the traceback of an error.",
        callback=_remember_debug,
        show_default=False,
        rich_help_panel=SHARED,
    ),
]

DatasetName = Annotated[
    str, typer.Option("--dataset", help="`bundled`, a folder, or a data set the warehouse knows.")
]


def complete_category(incomplete: str) -> list[str]:
    return [name for name in CATEGORIES if name.startswith(incomplete)]


Categories = Annotated[
    list[str] | None,
    typer.Option(
        "--category",
        help="Only this category of questions; may be given again. Default: all.",
        autocompletion=complete_category,
    ),
]


def check_categories(names: list[str] | None) -> tuple[str, ...]:
    """The categories asked for, in the project's order; all when none was named.

    Raises UsageError that offers the nearest name.
    """
    # "--category count,recognition_color" is what people try as well.
    asked = [part.strip() for name in names or [] for part in name.split(",") if part.strip()]
    for name in asked:
        if name not in CATEGORIES:
            raise UsageError(
                f"There is no category {name!r}; did you mean {nearest_category(name)!r}? "
                f"The categories are {', '.join(CATEGORIES)}."
            )
    return tuple(name for name in CATEGORIES if not asked or name in asked)
