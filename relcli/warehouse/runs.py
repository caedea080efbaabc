"""Runs: create, keep alive, finish, find out what is done, remove."""

import json
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from relcli.captures import STORED
from relcli.errors import RelcliError, WarehouseError
from relcli.inputs import parse_json
from relcli.warehouse.batch import Key
from relcli.warehouse.filelock import unsure_file_system
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.materialized import FILLS
from relcli.warehouse.names import check_name
from relcli.warehouse.opening import connect, scalar
from relcli.warehouse.parts import run_folder, spooled_keys
from relcli.warehouse.run_lock import run_lock
from relcli.warehouse.unknown import unknown_run

STATES = ("running", "done", "stopped", "failed")
OF_A_RUN = (
    *(table.table for table in STORED.values()),
    "prompt_token",
    "calibrated_sink",
    *FILLS,
    "answer",
    "verification",
    "question_mark",
    "run_note",
    "spool_part",
    "import_source",
    "probe_result",
    "probe_test",
    "probe_score",
    "probe",
    "run",
)
"""Tables whose column `run` says whose a row is."""


@dataclass(slots=True)
class RunRecord:
    """A row of table `run`: everything that shaped its answers. Times are UTC without zone."""

    run: str
    dataset: str
    kind: str = "run"
    state: str = "running"
    question_set: str | None = None
    model: str | None = None
    model_path: str | None = None
    revision: str | None = None
    weights_hash: str | None = None
    dtype: str | None = None
    device: str | None = None
    attention: str | None = None
    attention_implementation: str | None = None
    batch_size: int | None = None
    variants: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    scene_ids: Sequence[int] | None = None
    max_new_tokens: int | None = None
    query_rows: list[str] | None = None
    hidden_rows: list[str] | None = None
    orders: int | None = None
    wordings: int | None = None
    n_planned: int | None = None
    image_tokens: int | None = None
    grid_height: int | None = None
    grid_width: int | None = None
    layout: str | None = None
    image_width: int | None = None
    image_height: int | None = None
    prompt_hash: str | None = None
    question_set_version: str | None = None
    decoding: dict[str, Any] | None = None
    versions: dict[str, Any] | None = None
    git_commit: str | None = None
    settings_hash: str | None = None
    command: str | None = None
    started_at: datetime | None = None
    heartbeat_at: datetime | None = None
    finished_at: datetime | None = None
    message: str | None = None


def utc_now() -> datetime:
    """Now in UTC, without a zone, as the warehouse keeps times."""
    return datetime.now(UTC).replace(tzinfo=None)


def create_run(database: Path | str, record: RunRecord) -> None:
    """Insert a run that begins now. Raises RelcliError if the name is taken and UsageError if it can't be a
    name.
    """
    check_name(record.run)
    row = asdict(record)
    row["started_at"] = record.started_at or utc_now()
    row["heartbeat_at"] = record.heartbeat_at or row["started_at"]
    for name in ("decoding", "versions"):
        row[name] = None if row[name] is None else json.dumps(row[name], sort_keys=True)
    with connect(database, read_only=False) as connection:
        if scalar(connection, "SELECT 1 FROM run WHERE run = ?", [record.run]):
            raise RelcliError(
                f"There is a run {record.run} in {database} already: continue it with --resume, choose "
                f"another --name, or remove it with `relcli runs remove {record.run}`."
            )
        insert_rows(connection, "run", [row])


def get_run(database: Path | str, run: str) -> RunRecord | None:
    """The run's row with its state as people see it (view `run_state`); None if there is none."""
    names = [field.name for field in fields(RunRecord)]
    columns = ", ".join(f"s.{name}" if name == "state" else f"r.{name}" for name in names)
    with connect(database, read_only=True) as connection:
        rows = connection.execute(
            f"SELECT {columns} FROM run AS r JOIN run_state AS s USING (run) WHERE run = ?", [run]
        ).fetchall()
    if not rows:
        return None
    values = dict(zip(names, rows[0], strict=True))
    for name in ("decoding", "versions"):
        if values[name] is not None:
            values[name] = parse_json(values[name], f"The column {name} of the run {run}")
    return RunRecord(**values)


def update_run(database: Path | str, run: str, **values: Any) -> None:
    """Set columns of a run's row, such as what is only known once the model is loaded."""
    unknown = values.keys() - {field.name for field in fields(RunRecord)}
    if unknown or not values:
        raise KeyError(f"no such column of run: {', '.join(sorted(unknown)) or '(none given)'}")
    settings = ", ".join(f"{name} = ?" for name in values)
    given = [
        json.dumps(value, sort_keys=True) if isinstance(value, dict) else value for value in values.values()
    ]
    with connect(database, read_only=False) as connection:
        connection.execute(f"UPDATE run SET {settings} WHERE run = ?", [*given, run])


def heartbeat(database: Path | str, run: str, *, timeout_s: float = 1) -> bool:
    """Say that the run is alive. False if the file is locked just now: try again with the next beat."""
    try:
        with connect(database, read_only=False, timeout_s=timeout_s) as connection:
            connection.execute("UPDATE run SET heartbeat_at = ? WHERE run = ?", [utc_now(), run])
    except WarehouseError:
        return False
    return True


def resume_run(database: Path | str, run: str, *, command: str | None = None) -> None:
    """Mark a run as running again. Its start time stays."""
    values: dict[str, Any] = {
        "state": "running",
        "heartbeat_at": utc_now(),
        "finished_at": None,
        "message": None,
    }
    update_run(database, run, **values, **({} if command is None else {"command": command}))


def finish(database: Path | str, run: str, state: str = "done", message: str | None = None) -> None:
    """Close a run as done, stopped or failed, with the sentence that says why."""
    if state not in STATES:
        raise ValueError(f"state must be one of {STATES}, not {state!r}")
    now = utc_now()
    update_run(database, run, state=state, message=message, finished_at=now, heartbeat_at=now)


def stored_keys(database: Path | str, run: str) -> set[Key]:
    """Keys of every answer of the run in the warehouse."""
    with connect(database, read_only=True) as connection:
        rows = connection.execute(
            f"SELECT {', '.join(Key._fields)} FROM answer WHERE run = ?", [run]
        ).fetchall()
    return {Key(*row) for row in rows}


def done_keys(database: Path | str, run: str) -> set[Key]:
    """Keys of every answer the run has, in the spool or in the warehouse."""
    # The spool first: a part taken in meanwhile is then found in the warehouse.
    return spooled_keys(database, run) | stored_keys(database, run)


def remove_run(database: Path | str, run: str) -> int:
    """Delete a run, its answers, attention and spool; returns how many answers the warehouse had of it.

    Raises RelcliError if there is no such run, or a process is answering it now: that shows in its lock, also
    where its heartbeat is old.
    """
    folder = run_folder(database, run)
    with run_lock(folder, run) if folder.is_dir() else nullcontext():
        return _remove(database, run, folder)


def _remove(database: Path | str, run: str, folder: Path) -> int:
    with connect(database, read_only=False) as connection:
        state = scalar(connection, "SELECT state FROM run_state WHERE run = ?", [run])
        if state is None and not folder.is_dir():
            raise unknown_run(database, run, connection)
        # Without a lock that can be trusted the heartbeat tells: another machine may be at it.
        if state == "running" and (not folder.is_dir() or unsure_file_system(folder)):
            raise RelcliError(
                f"The run {run} is running: stop it first (Ctrl-C where it runs), then remove it."
            )
        n_answers = scalar(connection, "SELECT count(*) FROM answer WHERE run = ?", [run])
        connection.execute("BEGIN")
        for table in OF_A_RUN:
            connection.execute(f"DELETE FROM {table} WHERE run = ?", [run])
        connection.execute("COMMIT")
        # With the file still in hand, so that nobody takes the parts in between.
        shutil.rmtree(folder, ignore_errors=True)
    return int(n_answers)
