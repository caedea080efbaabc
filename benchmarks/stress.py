"""Many processes on one warehouse, with more load than cores: is anything lost, and how long do readers wait?

    python -m benchmarks.stress --minutes 30 --load 20

Writers spool batches and take them in; each notes on a file of its own what it believes is committed. Others
register data sets, beat, fill, read views, snapshot and compact. Now and then a writer is killed. At the end
every noted answer must be in the warehouse, once, with its attention.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from relcli.captures import OF_EVERY_ANSWER
from relcli.errors import WarehouseError
from relcli.warehouse.batch import AttentionBatch, Key
from relcli.warehouse.ingest import ingest
from relcli.warehouse.maintenance import compact, snapshot
from relcli.warehouse.materialized import fill_attention
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from relcli.warehouse.runs import RunRecord, create_run, heartbeat
from relcli.warehouse.spool import SpoolWriter

N_LAYERS, GRID, BATCH = 4, (4, 4), 8
READS = ("FROM run_state", "FROM raw_vs_masked", "FROM run_summary", "SELECT max(layer) FROM attention")


def summary(seed: int) -> Any:
    """Attention of one answer, the same for a scene."""
    rng = np.random.default_rng(seed % 64)
    vectors = {name: rng.random((N_LAYERS, GRID[0] * GRID[1]), np.float32) for name in OF_EVERY_ANSWER}
    entropies = {f"{name}_entropy": rng.random(N_LAYERS, np.float32) for name in OF_EVERY_ANSWER}
    steps, mass = rng.random((N_LAYERS, 2), np.float32), rng.random(N_LAYERS, np.float32)
    return SimpleNamespace(grid=GRID, step_entropy=steps, image_mass=mass, **vectors, **entropies)


def write(database: Path, run: str, first: int, noted: Path) -> None:
    """Spool a batch, take it in, note it; until killed."""
    number = first
    with SpoolWriter(database, run) as spool, noted.open("a") as file:
        while True:
            keys = [Key(number + i, 0, "raw") for i in range(BATCH)]
            rows = [
                {"dataset": "d", "scene_id": scene, "question_index": 0, "variant": "raw", "answer": "a)",
                 "choice": "a", "correct": True, "n_steps": 2, "truncated": False}
                for scene, *_ in keys
            ]  # fmt: skip
            spool.write(rows, AttentionBatch(keys, [summary(scene) for scene, *_ in keys]))
            heartbeat(database, run)
            try:
                ingest(database, run, timeout_s=30)
            except WarehouseError:
                continue  # they wait in the spool
            finally:
                number += BATCH
            file.write(f"{number - BATCH}\n")
            file.flush()


def read(database: Path, noted: Path) -> None:
    """Read views without a pause, and note how long each open and read waited, in seconds."""
    with noted.open("a") as file:
        while True:
            sql, began = random.choice(READS), time.monotonic()
            try:
                with connect(database, read_only=True, timeout_s=30) as connection:
                    waited = time.monotonic() - began
                    connection.execute(sql).fetchall()
            except WarehouseError as error:
                waited = time.monotonic() - began
                file.write(json.dumps({"refused": str(error)}) + "\n")
            file.write(json.dumps({"waited": waited}) + "\n")
            file.flush()


def keep(database: Path, noted: Path) -> None:
    """What people do beside runs: fill, snapshot, compact, write a row of their own."""
    number = 0
    with noted.open("a") as file:
        while True:
            number += 1
            try:
                query(database, f"INSERT INTO mine VALUES ({number})", read_only=False, timeout_s=30)
                file.write(f"{number}\n")
                file.flush()
                fill_attention(database, f"run-{number % 2}", timeout_s=30)
                target = database.with_name(f"snapshot-{number}.duckdb")
                snapshot(database, target)
                target.unlink()
                if number % 3 == 0:
                    compact(database, timeout_s=10)
            except WarehouseError:
                pass


def burn() -> None:
    """A process that only takes time from the others."""
    while True:
        pass


def stress(folder: Path, *, seconds: float, load: int, writers: int, readers: int, kills: bool) -> dict:
    """Run it; returns what was found. `load` counts all processes."""
    database = folder / "stress.duckdb"
    ensure(database)
    query(database, "CREATE TABLE mine (number INTEGER)", read_only=False)
    for number in range(writers):
        create_run(database, RunRecord(run=f"run-{number}", dataset="d"))

    def start(task: str, *arguments: object) -> subprocess.Popen:
        command = [sys.executable, str(Path(__file__).resolve()), "--task", task, *map(str, arguments)]
        return subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"})

    def start_writer(number: int, session: int) -> subprocess.Popen:
        run, first = f"run-{number}", session * 10_000_000
        return start("write", database, run, first, folder / f"{run}.written")

    working = {n: start_writer(n, 0) for n in range(writers)}
    others = [start("read", database, folder / f"{n}.read") for n in range(readers)]
    others.append(start("keep", database, folder / "mine.written"))
    others += [start("burn") for _ in range(max(0, load - writers - len(others)))]
    end, sessions, n_kills = time.monotonic() + seconds, Counter(), 0
    try:
        # Where a busy machine has committed nothing by then it continues without kills, for a minute at most.
        while time.monotonic() < end or (not any_noted(folder) and time.monotonic() < end + 60):
            kills = kills and time.monotonic() < end
            time.sleep(min(5.0, max(0.1, end - time.monotonic())))
            if kills:
                number = random.randrange(writers)
                working[number].send_signal(signal.SIGKILL)
                working[number].wait()
                sessions[number] += 1
                n_kills += 1
                working[number] = start_writer(number, sessions[number])
            dead = [process.args for process in [*working.values(), *others] if process.poll() is not None]
            if dead:
                raise SystemExit(f"ended by itself: {dead}")
    finally:
        for process in [*working.values(), *others]:
            process.kill()
        for process in [*working.values(), *others]:
            process.wait()
    ingest(database, timeout_s=60)
    return {"kills": n_kills, **found(folder, database, writers)}


def any_noted(folder: Path) -> bool:
    """Whether any writer believes that something of it is committed."""
    return any(file.stat().st_size for file in folder.glob("run-*.written"))


def found(folder: Path, database: Path, writers: int) -> dict:
    """Lost and doubled answers, and how long readers waited."""
    lost = believed = 0
    for number in range(writers):
        run = f"run-{number}"
        note = folder / f"{run}.written"
        lines = note.read_text().split() if note.exists() else []
        wanted = {int(line) + i for line in lines for i in range(BATCH)}
        rows = query(database, "SELECT scene_id FROM inference WHERE run = $run", {"run": run}).rows
        believed += len(wanted)
        lost += len(wanted - {scene for (scene,) in rows})
    own = folder / "mine.written"
    mine = {int(line) for line in own.read_text().split()} if own.exists() else set()
    lost_rows = len(mine - {n for (n,) in query(database, "FROM mine").rows})
    key = "run, scene_id, question_index, variant"
    without = f"SELECT count(*) FROM inference ANTI JOIN attention USING ({key})"
    twice = f"SELECT count(*) FROM (SELECT 1 FROM attention GROUP BY {key} HAVING count(*) <> {N_LAYERS})"
    lines = [json.loads(line) for file in folder.glob("*.read") for line in file.read_text().splitlines()]
    waited = np.array([line["waited"] for line in lines if "waited" in line] or [0.0])
    return {
        "answers_believed": believed,
        "answers_lost": lost,
        "rows_believed": len(mine),
        "rows_lost": lost_rows,
        "without_attention": query(database, without).rows[0][0],
        "attention_not_once": query(database, twice).rows[0][0],
        "ingests": query(database, "SELECT count(*) FROM spool_part").rows[0][0],
        "reads": len(waited),
        "reads_refused": sum("refused" in line for line in lines),
        "reader_wait_p50_s": round(float(np.quantile(waited, 0.5)), 3),
        "reader_wait_p99_s": round(float(np.quantile(waited, 0.99)), 3),
        "reader_wait_max_s": round(float(waited.max()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--load", type=int, default=20, help="processes in all")
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--readers", type=int, default=5)
    parser.add_argument("--no-kills", action="store_true")
    parser.add_argument("--task", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        task, *rest = given.task
        if task == "write":
            write(Path(rest[0]), rest[1], int(rest[2]), Path(rest[3]))
        elif task == "burn":
            burn()
        else:
            {"read": read, "keep": keep}[task](*map(Path, rest))
    with tempfile.TemporaryDirectory() as name:
        outcome = stress(
            Path(name),
            seconds=given.minutes * 60,
            load=given.load,
            writers=given.writers,
            readers=given.readers,
            kills=not given.no_kills,
        )
    print(json.dumps(outcome, indent=2))
    bad = ("answers_lost", "rows_lost", "without_attention", "attention_not_once")
    sys.exit(any(outcome[name] for name in bad))


if __name__ == "__main__":
    main()
