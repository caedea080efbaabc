"""What the tests run in processes of their own: `workers.py TASK DATABASE [ARGUMENT ...]`."""

import os
import resource
import sys
import time
from pathlib import Path

from relcli.errors import RelcliError
from relcli.paths import sql_dir
from relcli.warehouse.ingest import ingest
from relcli.warehouse.maintenance import compact, snapshot
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from relcli.warehouse.spool import SpoolWriter
from tests.warehouse.batches import make_batch


def hold(database: str, mode: str) -> None:
    """Keep the file open until killed."""
    with connect(database, read_only=mode == "read"):
        print("held", flush=True)
        time.sleep(60)


def read_on(database: str) -> None:
    """Read without a pause until killed."""
    while True:
        with connect(database, read_only=True, timeout_s=30) as connection:
            connection.execute("FROM run").fetchall()
            time.sleep(0.05)
        print("reading", flush=True)


def die_after(database: str, sql: str) -> None:
    """Commit, and be gone before the file is closed."""
    with connect(database, read_only=False) as connection:
        connection.execute(sql)
        os._exit(9)


def write(database: str, first: str, n_parts: str, size: str = "8") -> None:
    """Write parts to the spool, one line each."""
    with SpoolWriter(database, "r") as writer:
        for part in range(int(n_parts)):
            start = int(first) + part * int(size)
            writer.write(*make_batch(range(start, start + int(size))))
            print(part, flush=True)


def write_and_ingest(database: str, first: str, n_parts: str, pause_s: str = "0") -> None:
    """Write a part, take it in, and again; a line each."""
    with SpoolWriter(database, "r") as writer:
        for part in range(int(n_parts)):
            start = int(first) + part * 8
            writer.write(*make_batch(range(start, start + 8)))
            ingest(database, "r", timeout_s=20)
            print(part, flush=True)
            time.sleep(float(pause_s))


def write_row(database: str) -> None:
    """One row into a table of its own."""
    with connect(database, read_only=False, timeout_s=30) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS ours (x INTEGER); INSERT INTO ours VALUES (1)")


def take_in(database: str) -> None:
    print(ingest(database, timeout_s=20), flush=True)


def make(database: str) -> None:
    ensure(database)


def as_a_stranger(_: str, path: str) -> None:
    """Read, write, make and spool without permission to write; as root, become nobody first."""
    if os.geteuid() == 0:
        os.setuid(65534)
    if not os.access(sql_dir() / "migrations", os.R_OK | os.X_OK):
        print("skip")
        return
    tasks = (
        lambda: query(path, "FROM run"),
        lambda: query(path, "DELETE FROM run", read_only=False),
        lambda: ensure(Path(path).with_name("new.duckdb")),
        lambda: SpoolWriter(path, "r"),
    )
    for task in tasks:
        try:
            task()
            print("readable")
        except RelcliError as error:
            print(error)


def full_disk(database: str, task: str, limit: str) -> None:
    """Do a task with a limit on the size of every file; prints the one sentence that came of it."""
    rows, attention = make_batch(range(4000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    try:
        if task == "write":
            SpoolWriter(database, "r").write(rows, attention)
        elif task == "ingest":
            ingest(database)
        elif task == "compact":
            compact(database)
        elif task == "snapshot":
            snapshot(database, Path(database).with_name("copy.duckdb"))
        elif task == "make":
            ensure(Path(database).with_name("new.duckdb"))
    except RelcliError as error:
        print(f"{type(error).__name__} {error.exit_code}: {error}", flush=True)


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    globals()[task](*arguments)
