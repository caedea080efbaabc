"""One statement somebody typed: read only, timed, and stopped when they lose patience."""

import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from relcli.errors import RelcliError, UsageError
from relcli.warehouse.failures import first_line
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import Rows, fetch

_READING = ("SELECT", "EXPLAIN", "PRAGMA", "CALL", "MULTI")  # MULTI: a PIVOT, which is several inside
_PLACE = re.compile(r"^LINE (\d+): (.*)\n( *)\^", re.MULTILINE)


class SqlError(RelcliError):
    """DuckDB's objection. `line` and `column` count from 1; None where it does not say."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line, self.column = line, column


class StatementStopped(RelcliError):
    """Somebody stopped it."""


@dataclass(frozen=True, slots=True)
class StatementResult:
    """Rows of a statement, and how long it took to get them, in seconds, without opening the file."""

    rows: Rows
    seconds: float


class Statement:
    """One statement for the warehouse. `run` in one thread; `stop` from any other, at any time."""

    def __init__(self, database: Path, sql: str, *, limit: int | None = None, timeout_s: float = 10) -> None:
        self.database, self.sql, self.limit, self.timeout_s = database, sql, limit, timeout_s
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._stopped = False

    def run(self) -> StatementResult:
        """Raises SqlError for wrong SQL, UsageError for none, several, or one that would change something,
        StatementStopped, and WarehouseError as `connect`."""
        check_reading(self.sql)
        with connect(self.database, read_only=True, timeout_s=self.timeout_s) as connection:
            self._open(connection)
            started = time.monotonic()
            try:
                rows = fetch(connection, self.database, self.sql, limit=self.limit)
            except RelcliError as problem:
                seconds = time.monotonic() - started
                if isinstance(problem.__cause__, duckdb.InterruptException) or self._stopped:
                    raise StatementStopped(f"Stopped after {seconds:.1f} s.") from None
                raise located(problem.message, str(problem.__cause__), self.sql) from problem
            finally:
                self._open(None)
            return StatementResult(rows, time.monotonic() - started)

    def _open(self, connection: duckdb.DuckDBPyConnection | None) -> None:
        with self._lock:
            self._connection = connection
            if connection is not None and self._stopped:
                raise StatementStopped("Stopped before it began.")

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._connection is not None:
                self._connection.interrupt()


def check_reading(sql: str) -> None:
    """Refuse what is not one statement that reads; opens nothing. Raises as `Statement.run`."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise located(first_line(str(error)), str(error), sql) from error
    if not statements:
        raise UsageError("There is no SQL: type a question, such as FROM raw_vs_masked.")
    if len(statements) > 1:
        raise UsageError(
            f"These are {len(statements)} statements: run one at a time (a selection is run alone)."
        )
    kind = statements[0].type.name
    if kind not in _READING:
        raise UsageError(
            f"This console only reads, and {kind} does more: use `relcli sql --write` in a shell for that."
        )


def located(message: str, said: str, sql: str) -> SqlError:
    """The sentence `message` with the place in `sql` that DuckDB's whole text, `said`, points at."""
    if not (found := _PLACE.search(said)):
        return SqlError(message)
    line, shown = int(found[1]), found[2]
    column = len(found[3]) - len(f"LINE {line}: ")
    if shown.startswith("..."):  # only a part of a long line is shown
        lines = sql.splitlines()
        part = shown.removeprefix("...").removesuffix("...")
        column += (lines[line - 1].find(part) if line <= len(lines) else 0) - len("...")
    return SqlError(message, line, column + 1)
