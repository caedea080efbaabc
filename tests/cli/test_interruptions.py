"""Real processes: killed, interrupted, left alone by their reader, beside others, on a full disk."""

import json
import re
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from relcli.warehouse.parts import finished_parts
from relcli.warehouse.runs import get_run
from tests.cli.cli_helpers import Relcli, Started, load_json, rows_of, start

DB = Path("study.duckdb")
KEYS = "select scene_id, question_index, variant from inference order by all"


@pytest.fixture
def words(scenes: Path, tiny_model: Path) -> list[object]:
    """A run that takes some seconds: small batches, and replies of some length."""
    return [
        *("run", "--dataset", scenes, "--model", tiny_model, "--name", "x", "--db", DB, "--format", "json"),
        *("--variants", "raw,masked,blank", "--max-new-tokens", 12, "--batch-size", 4),
    ]


def until(look: Callable[[], object], process: Started, timeout: float = 300) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if look():
            return
        assert process.process.poll() is None, process.finish()
        time.sleep(0.02)
    raise AssertionError("it did not come to that in time")


def first_part_lies_in(folder: Path) -> Callable[[], bool]:
    return lambda: bool(finished_parts(folder / DB, "x"))


def assert_whole(database: Path, planned: int) -> None:
    keys = rows_of(database, KEYS)
    assert len(keys) == len(set(keys)) == planned
    layers = rows_of(
        database,
        "select count(*), count(distinct layer) from attention group by scene_id, question_index, variant",
    )
    assert Counter(layers) == {(4, 4): planned}
    assert rows_of(database, "select state from run") == [("done",)]


def test_a_killed_run_resumes_and_loses_and_doubles_nothing(
    relcli: Relcli, tmp_path: Path, words: list[object]
) -> None:
    started = start(*words, cwd=tmp_path)
    until(first_part_lies_in(tmp_path), started)
    started.process.send_signal(signal.SIGKILL)
    started.finish()
    record = get_run(tmp_path / DB, "x")
    assert record is not None and record.n_planned is not None
    kept = len(finished_parts(tmp_path / DB, "x"))
    assert kept >= 1
    # At once: the dead process still looks alive by its heartbeat, but holds nothing.
    resumed = relcli("run", "--name", "x", "--resume", "--db", DB, "--format", "json")
    assert resumed.exit_code == 0, resumed.stderr
    done = re.search(r"Resuming x: (\d+) of (\d+) are done", resumed.stderr)
    assert done and 0 < int(done[1]) < int(done[2]) == record.n_planned
    assert_whole(tmp_path / DB, record.n_planned)
    assert {row["category"] for row in load_json(resumed)} >= {"count"}


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_the_run_goes_on_later(tmp_path: Path, words: list[object]) -> None:
    started = start(*words, cwd=tmp_path)
    until(first_part_lies_in(tmp_path), started)
    started.process.send_signal(signal.SIGINT)
    code, out, err = started.finish()
    assert code == 130 and out == "" and "Traceback" not in err
    assert err.strip().splitlines()[-1].endswith("relcli run --db study.duckdb --name x --resume")
    assert rows_of(tmp_path / DB, "select state from run") == [("stopped",)]
    [(taken,)] = rows_of(tmp_path / DB, "select count(*) from inference")
    assert taken > 0 and finished_parts(tmp_path / DB, "x") == []


@pytest.mark.slow
def test_a_run_stops_when_its_reader_goes(tmp_path: Path, words: list[object]) -> None:
    started = start(*words, "--display", "jsonl", cwd=tmp_path, stdin=subprocess.PIPE)
    until(first_part_lies_in(tmp_path), started)
    assert started.process.stdin is not None and started.process.stdout is not None
    started.process.stdin.close()
    events = [json.loads(line) for line in started.process.stdout]
    assert started.process.wait(timeout=60) == 130
    assert (events[-1]["event"], events[-1]["exit_code"]) == ("error", 130)
    assert rows_of(tmp_path / DB, "select state from run") == [("stopped",)]


@pytest.mark.slow
def test_readers_are_served_while_a_run_writes(tmp_path: Path, words: list[object]) -> None:
    """`relcli sql` again and again beside a run whose keeper writes far more often than it would."""
    hurry = "import relcli.jobs.ingest_thread as k; k.IngestThread.BEAT_S = k.IngestThread.INGEST_S = 0.05\n"
    script = f"{hurry}from relcli.cli.main import app; app({[str(word) for word in words]!r})"
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    started = Started(process)
    until(lambda: (tmp_path / DB).exists() and _answers(tmp_path / DB) > 0, started)
    counts: list[int] = []
    while process.poll() is None:
        counts.append(_answers(tmp_path / DB))
        time.sleep(0.05)
    code, _, err = started.finish()
    assert code == 0, err
    # Nobody was refused, and the count only ever grew.
    assert len(counts) > 3 and counts == sorted(counts) and counts[0] < _answers(tmp_path / DB)


def _answers(database: Path) -> int:
    return rows_of(database, "select count(*) from inference")[0][0]


@pytest.mark.slow
def test_a_warehouse_that_somebody_holds_is_named_with_its_holder(tmp_path: Path, answered: Path) -> None:
    hold = f"c = duckdb.connect({str(answered)!r}); print('held', flush=True); time.sleep(99)"
    script = f"import duckdb, time; {hold}"
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        code, out, err = start("sql", "from run", "--db", answered, cwd=tmp_path).finish()
    finally:
        holder.kill()
        holder.wait()
    assert code == 3 and out == "" and f"process {holder.pid}" in err and len(err.splitlines()) == 1


@pytest.mark.slow
def test_two_processes_share_a_run(tmp_path: Path, words: list[object]) -> None:
    both = [
        start(*words, cwd=tmp_path, env={"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)})
        for rank in (1, 0)
    ]
    (code_1, out_1, err_1), (code_0, out_0, err_0) = (started.finish() for started in both)
    assert (code_0, code_1) == (0, 0), err_0 + err_1
    assert json.loads(out_0) and out_1 == ""
    record = get_run(tmp_path / DB, "x")
    assert record is not None and record.n_planned is not None
    assert_whole(tmp_path / DB, record.n_planned)
    writers = rows_of(tmp_path / DB, "select distinct split_part(part, '-', 1) from spool_part order by 1")
    assert writers == [("0000",), ("0001",)]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux to limit another process")
@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_the_run_goes_on_later(
    relcli: Relcli, tmp_path: Path, words: list[object]
) -> None:
    """A limit on file sizes, set while the run is under way, stands in for the disk."""
    started = start(*words, cwd=tmp_path)
    until(first_part_lies_in(tmp_path), started)
    resource.prlimit(started.process.pid, resource.RLIMIT_FSIZE, (1024, 1024))
    code, out, err = started.finish()
    last = err.strip().splitlines()[-1]
    assert code in (1, 3) and out == "" and "Traceback" not in err, err
    assert last.startswith("relcli: ") and "full" in last and str(DB) in last
    resumed = relcli("run", "--name", "x", "--resume", "--db", DB)
    assert resumed.exit_code == 0, resumed.stderr
    record = get_run(tmp_path / DB, "x")
    assert record is not None and record.n_planned is not None
    assert_whole(tmp_path / DB, record.n_planned)
