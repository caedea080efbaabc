"""`relcli sql`: any DuckDB SQL on the warehouse."""

import sys
from pathlib import Path

from relcli.cli.declared import declared
from relcli.cli.output import talk, write_rows
from relcli.errors import UsageError
from relcli.inputs import MIB, half_character, read_text
from relcli.options.shared import OutputFormat
from relcli.options.warehouse import SHOWN_ROWS, SqlOptions

MOST_BYTES = 16 * MIB  # of a query file


@declared(SqlOptions)
def sql(
    query: str | None,
    write: bool,
    allow_external: bool,
    limit: int | None,
    db: Path,
    format: OutputFormat,
) -> None:
    """Ask the warehouse in SQL. DuckDB also takes a question that starts with FROM.

    relcli sql "from raw_vs_masked"

    relcli sql "from accuracy_by_category where variant = 'blank'" --format csv

    The warehouse is opened for reading and only while the query runs, so a run can continue writing beside
    it. The SQL touches no other file unless --allow-external says so: a warehouse may come from anybody.
    """
    text = _text(query)
    if limit is None and format in ("table", "markdown"):
        limit = SHOWN_ROWS
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
