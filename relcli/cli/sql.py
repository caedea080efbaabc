"""`relcli sql`: any DuckDB SQL on the warehouse."""

import sys
from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Format
from relcli.cli.output import talk, write_rows
from relcli.errors import UsageError
from relcli.inputs import LARGEST_INTEGER, MIB, half_character, read_text

SHOWN = 1000
MOST_BYTES = 16 * MIB  # of a query file


def sql(
    query: Annotated[
        str | None,
        typer.Argument(help="SQL, a file that holds it, or - for standard input.", show_default=False),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Allow changes to the warehouse.")] = False,
    allow_external: Annotated[
        bool,
        typer.Option(
            "--allow-external",
            help="Let this SQL read and write other files and databases, load extensions, change settings.",
        ),
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            help=f"At most so many rows. Default: {SHOWN} for table and markdown, all otherwise.",
            min=1,
            max=LARGEST_INTEGER - 1,
            show_default=False,
        ),
    ] = None,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    debug: Debug = False,
) -> None:
    """Ask the warehouse in SQL. DuckDB also takes a question that starts with FROM.

    relcli sql "from raw_vs_masked"

    relcli sql "from accuracy_by_category where variant = 'blank'" --format csv

    The warehouse is opened for reading and only while the query runs, so a run can continue writing beside
    it. The SQL touches no other file unless --allow-external says so: a warehouse may come from anybody.
    """
    text = _text(query)
    if limit is None and format in ("table", "markdown"):
        limit = SHOWN
    from relcli.warehouse.rows import query as ask

    rows = ask(db, text, limit=limit, read_only=not write, allow_external=allow_external)
    if rows.columns:
        write_rows(rows.columns, rows.rows, format)
    if rows.truncated:
        talk(f"The first {len(rows.rows):,} rows; --limit N shows more, --format csv all.")


def _text(query: str | None) -> str:
    """The SQL: as given, from the file named, or from standard input."""
    if query is None and sys.stdin.isatty():
        raise UsageError(
            'There is no query: give one, as in relcli sql "from raw_vs_masked", a file, or a pipe.'
        )
    if query is None or query == "-":
        try:
            text, where = sys.stdin.read(), "standard input"
        except UnicodeDecodeError:
            raise UsageError("The SQL in standard input is not in UTF-8; save it as UTF-8.") from None
    elif query.endswith(".sql") and " " not in query.strip():
        try:
            text, where = read_text(query, MOST_BYTES), query
        except OSError as problem:
            raise UsageError(f"The query file {query} can't be read ({problem.strerror}).") from None
        except UnicodeDecodeError as problem:
            raise UsageError(f"The query file {query} is not in UTF-8 (byte {problem.start}).") from None
    else:
        text, where = query, "the query"
    if half_character(text):
        raise UsageError(f"The SQL in {where} is not in UTF-8; save it as UTF-8.")
    if not text.strip():
        raise UsageError(f"There is no SQL in {where}.")
    return text
