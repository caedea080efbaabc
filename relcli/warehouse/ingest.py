"""Taking finished spool parts into the warehouse. Idempotent; several processes may do it at once."""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from relcli.errors import RelcliError
from relcli.warehouse.opening import connect, first_line, rollback, scalar
from relcli.warehouse.parts import BAD, READ_PART, Part, finished_parts, leftovers, spooled_runs
from relcli.warehouse.spool import INFERENCE_COLUMNS

_HOLD_S = (
    2.0  # after so long the file is let go for a moment, so that others get in while a backlog is taken in
)
_LOGGER = logging.getLogger("relcli.warehouse")
_COLUMNS = ", ".join(INFERENCE_COLUMNS)
_KEY = "run, scene_id, question_index, variant"


class CorruptPart(RelcliError):
    """A part that can't be read. It is moved aside; its answers count as not given."""


def ingest(
    database: Path | str,
    run: str | None = None,
    *,
    beat: bool = False,
    timeout_s: float = 10,
    note: Callable[[str], None] | None = None,
) -> int:
    """Take every finished part of `run` (or of all runs) in; returns how many answers were new.

    A part's rows and its line in `spool_part` are one transaction, and its files are deleted after the
    commit, so a kill at any instant neither loses nor doubles an answer. Parts of runs the warehouse
    doesn't know stay where they are. A part that can't be read is moved to `bad/` beside it and `note`
    (default: the log) gets one sentence. `beat` also renews the run's heartbeat in the same connection.
    Raises WarehouseError if the file stays locked for `timeout_s`; the parts wait in the spool.
    """
    say = note or _LOGGER.warning
    for name in [run] if run is not None else spooled_runs(database):
        for file in leftovers(database, name):
            file.unlink(missing_ok=True)
    total, more = 0, beat or bool(_backlog(database, run))
    while more:
        more = False
        with connect(database, read_only=False, timeout_s=timeout_s) as connection:
            opened = time.monotonic()
            if beat and run is not None:
                connection.execute(
                    "UPDATE run SET heartbeat_at = make_timestamp(epoch_us(now())) WHERE run = ?", [run]
                )
            # Listed with the file in hand: what another process took in is gone or known by now.
            for part_run, part in _backlog(database, run):
                if not _is_known(connection, part_run):
                    continue
                total += _take(connection, part_run, part, say)
                if more := time.monotonic() - opened > _HOLD_S:
                    break
    return total


def _backlog(database: Path | str, run: str | None) -> list[tuple[str, Part]]:
    names = [run] if run is not None else spooled_runs(database)
    return [(name, part) for name in names for part in finished_parts(database, name)]


def _is_known(connection: duckdb.DuckDBPyConnection, run: str) -> bool:
    return scalar(connection, "SELECT 1 FROM run WHERE run = ?", [run]) is not None


def _take(connection: duckdb.DuckDBPyConnection, run: str, part: Part, say: Callable[[str], None]) -> int:
    try:
        new = 0 if _is_in(connection, run, part) else _insert(connection, run, part)
    except CorruptPart as error:
        _set_aside(part)
        say(str(error))
        return 0
    for file in part.files:
        file.unlink(missing_ok=True)
    return new


def _is_in(connection: duckdb.DuckDBPyConnection, run: str, part: Part) -> bool:
    return (
        scalar(connection, "SELECT 1 FROM spool_part WHERE run = ? AND part = ?", [run, part.name])
        is not None
    )


def _insert(connection: duckdb.DuckDBPyConnection, run: str, part: Part) -> int:
    connection.execute("BEGIN")
    try:
        if part.attention:
            # Before the answers: attention comes in only with answers that are new.
            connection.execute(
                "INSERT INTO attention BY NAME SELECT a.* "
                f"FROM {READ_PART} AS a "
                f"ANTI JOIN inference USING ({_KEY})",
                [str(part.attention)],
            )
        new = scalar(
            connection,
            f"INSERT OR IGNORE INTO inference ({_COLUMNS}) SELECT {_COLUMNS} FROM {READ_PART}",
            [str(part.inference)],
        )
        connection.execute(
            "INSERT INTO spool_part VALUES (?, ?, ?, make_timestamp(epoch_us(now())))", [run, part.name, new]
        )
        connection.execute("COMMIT")
    except duckdb.Error as error:
        rollback(connection)
        if reason := _unreadable(run, part):
            raise CorruptPart(
                f"The spool part {part.inference.name} of run {run} can't be read ({reason}): it was moved "
                f"to {part.inference.parent / BAD}; `relcli run --name {run} --resume` asks its questions "
                "again."
            ) from error
        raise
    return new


def _unreadable(run: str, part: Part) -> str | None:
    """Why a part can't be read, by reading all of it apart from the warehouse; None if it can."""
    with duckdb.connect(":memory:") as memory:
        try:
            for file, columns in ((part.inference, f"row({_COLUMNS})"), (part.attention, "a")):
                if file is None:
                    continue
                read = f"SELECT run, max(hash({columns})) FROM {READ_PART} AS a GROUP BY run"
                if any(name != run for name, _ in memory.execute(read, [str(file)]).fetchall()):
                    return "it holds rows of another run"
        except duckdb.Error as error:
            return first_line(str(error))
    return None


def _set_aside(part: Part) -> None:
    folder = part.inference.parent / BAD
    folder.mkdir(exist_ok=True)
    for file in part.files:
        if file.exists():
            os.replace(file, folder / file.name)
