"""Taking finished spool parts into the warehouse. Idempotent; several processes may do it at once."""

import logging
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import duckdb

from relcli.errors import WarehouseError
from relcli.warehouse.across import lent
from relcli.warehouse.failures import first_line, is_about_file
from relcli.warehouse.opening import connect, rollback, scalar
from relcli.warehouse.part_reading import PART_TABLES, CorruptPart, read_part
from relcli.warehouse.parts import BAD, Part, finished_parts, leftovers, spooled_runs
from relcli.warehouse.spool import INFERENCE_COLUMNS
from relcli.warehouse.writes import write_text

_HOLD_S = 0.5
"""After so long the file is let go, so that others get in while a backlog is taken in."""
_ROUNDS = 5
"""How often a part is taken in anew whose commit another program has thrown away."""
_LOGGER = logging.getLogger("relcli.warehouse")
_COLUMNS = ", ".join(INFERENCE_COLUMNS)

_MOST_PARTS, _MOST_BYTES = 16, 64 << 20
"""Parts read before the file is held, and their bytes on disk."""

Waiting = tuple[str, Part]
"""A run's name and a part of it."""


class ReadPart(NamedTuple):
    """A part with the connection it was read into, or with what is wrong with it."""

    run: str
    part: Part
    found: duckdb.DuckDBPyConnection | CorruptPart


def ingest(
    database: Path | str,
    run: str | None = None,
    *,
    beat: bool = False,
    timeout_s: float = 10,
    note: Callable[[str], None] | None = None,
) -> int:
    """Take every finished part of `run` (or of all runs) in; returns how many answers were new.

    A part's rows and its line in `spool_part` are one transaction. Its files are deleted only when a later
    connection has read that line, so neither a kill at any instant nor a program that throws the commit away
    loses or doubles an answer. Parts of runs the warehouse doesn't know stay where they are. A part that is
    damaged or doesn't fit its run is moved to `bad/` beside it, and `note` (default: the log) gets one
    sentence. `beat` also renews the run's heartbeat. Raises WarehouseError if the file stays locked for
    `timeout_s` or keeps losing commits; the parts wait in the spool.
    """
    say = note or _LOGGER.warning
    for name in [run] if run is not None else spooled_runs(database):
        for file in leftovers(database, name):
            file.unlink(missing_ok=True)
    total = 0
    tries: dict[Path, int] = {}
    passed_over: set[Path] = set()
    while (waiting := _backlog(database, run, passed_over)) or beat:
        with ExitStack() as opened:
            # Read and checked before the file is held: nobody waits for that.
            ahead = _read_ahead(opened, waiting)
            connection = opened.enter_context(connect(database, read_only=False, timeout_s=timeout_s))
            if beat and run is not None:
                connection.execute(
                    "UPDATE run SET heartbeat_at = make_timestamp(epoch_us(now())) WHERE run = ?", [run]
                )
                beat = False
            taken = _take_in(connection, ahead, passed_over, say)
        if not waiting:
            break
        try:
            total += _delete_confirmed(database, ahead, taken, timeout_s)
        except WarehouseError:  # busy just now: what is in is in, and the next ingest deletes the files
            return total + sum(taken.values())
        for part in taken:
            tries[part] = tries.get(part, 0) + 1
            if tries[part] > _ROUNDS:
                raise WarehouseError(
                    f"{database} keeps losing what is written to it, for another program writes to it with a "
                    "DuckDB that does not mind others: end that program; the answers wait in the spool."
                )
    return total


def _backlog(database: Path | str, run: str | None, passed_over: set[Path]) -> list[Waiting]:
    names = [run] if run is not None else spooled_runs(database)
    return [
        (name, part)
        for name in names
        for part in finished_parts(database, name)
        if part.inference not in passed_over
    ]


def _read_ahead(opened: ExitStack, waiting: list[Waiting]) -> list[ReadPart]:
    """Read the first parts, about as many as can be taken in at a time."""
    ahead: list[ReadPart] = []
    n_bytes = 0
    for run, part in waiting[:_MOST_PARTS]:
        try:
            n_bytes += sum(file.stat().st_size for file in part.files if file.exists())
            found = opened.enter_context(read_part(run, part))
        except FileNotFoundError:  # taken in by another process
            continue
        except CorruptPart as problem:
            found = problem
        ahead.append(ReadPart(run, part, found))
        if n_bytes > _MOST_BYTES:
            break
    return ahead


def _take_in(
    connection: duckdb.DuckDBPyConnection,
    ahead: list[ReadPart],
    passed_over: set[Path],
    say: Callable[[str], None],
) -> dict[Path, int]:
    """Insert parts until the file has been held long enough; returns the answers that were new in each."""
    opened, taken = time.monotonic(), {}
    # Asked with the file in hand: what another process took in is known by now.
    for run, part, found in ahead:
        if not _is_known(connection, run):
            passed_over.add(part.inference)
            continue
        if _is_in(connection, run, part):
            continue
        try:
            if isinstance(found, CorruptPart):
                raise found
            taken[part.inference] = _insert(connection, run, part, found)
        except CorruptPart as error:
            _set_aside(part)
            say(str(error))
        if time.monotonic() - opened > _HOLD_S:
            break
    return taken


def _delete_confirmed(
    database: Path | str, ahead: list[ReadPart], taken: dict[Path, int], timeout_s: float
) -> int:
    """Delete the files of parts whose line a new connection can read, and take them out of `taken`.

    Returns how many answers of those were new.
    """
    sure = 0
    with connect(database, read_only=True, timeout_s=timeout_s) as connection:
        confirmed = [part for run, part, _ in ahead if _is_in(connection, run, part)]
    for part in confirmed:
        for file in part.files:
            file.unlink(missing_ok=True)
        sure += taken.pop(part.inference, 0)
    return sure


def _is_known(connection: duckdb.DuckDBPyConnection, run: str) -> bool:
    return scalar(connection, "SELECT 1 FROM run WHERE run = ?", [run]) is not None


def _is_in(connection: duckdb.DuckDBPyConnection, run: str, part: Part) -> bool:
    return (
        scalar(connection, "SELECT 1 FROM spool_part WHERE run = ? AND part = ?", [run, part.name])
        is not None
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, run: str, part: Part, memory: duckdb.DuckDBPyConnection
) -> int:
    """One part, read into `memory`, in one transaction; returns how many answers were new. Raises CorruptPart
    for one that is not of this run."""
    answers = memory.table("part_inference")
    with lent(connection, "part_inference", answers):
        faults = connection.execute(write_text("part_strangers"), {"run": run}).fetchall()
    if faults:
        raise CorruptPart(run, part, faults[0][0])
    connection.execute("BEGIN")
    try:
        for mode in part.stored:
            table = PART_TABLES[mode]
            # Before the answers: attention comes in only with answers that are new.
            with lent(connection, table, memory.table(table)):
                connection.execute(write_text(table))
        with lent(connection, "part_inference", answers):
            connection.execute(write_text("part_tokens"))
            connection.execute(write_text("part_layouts"))
            rows = f"SELECT {_COLUMNS} FROM part_inference"
            new = scalar(connection, f"INSERT OR IGNORE INTO answer ({_COLUMNS}) {rows}")
        connection.execute(
            "INSERT INTO spool_part VALUES (?, ?, ?, make_timestamp(epoch_us(now())))",
            [run, part.name, new],
        )
        connection.execute("COMMIT")
    except duckdb.Error as error:
        rollback(connection)
        if is_about_file(error):
            raise
        raise CorruptPart(run, part, first_line(str(error))) from error
    return new


def _set_aside(part: Part) -> None:
    folder = part.inference.parent / BAD
    folder.mkdir(exist_ok=True)
    for file in part.files:
        with suppress(FileNotFoundError):
            os.replace(file, folder / file.name)
