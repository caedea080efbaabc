"""Real processes that share a run: under torchrun, killed one by one, resumed by more and by fewer."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from relcli.warehouse.parts import finished_parts, run_folder
from relcli.warehouse.runs import get_run
from tests.cli.cli_helpers import Relcli, Started, rows_of, sentence, start

DB = Path("study.duckdb")
ANSWERS = "select scene_id, question_index, variant, answer, correct from inference order by all"
ATTENTION = (
    "select scene_id, question_index, variant, layer, mean_heads from attention "
    "order by scene_id, question_index, variant, layer"
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from relcli.scenes.generation import generate_folder

    folder = tmp_path_factory.mktemp("data") / "scenes"
    generate_folder(folder, n_scenes=40, seed=5, question_sets=("seed",))
    return folder


@pytest.fixture
def words(data: Path) -> list[object]:
    return ["run", "--dataset", data, "--name", "x", "--db", DB, "--format", "json", "--batch-size", 2]


@pytest.fixture(scope="module")
def alone(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same questions, answered by one process."""
    folder = tmp_path_factory.mktemp("alone")
    words = ["run", "--dataset", data, "--name", "x", "--db", DB]
    code, _, err = start(*words, cwd=folder).finish()
    assert code == 0, err
    return folder / DB


def ranks(words: Sequence[object], folder: Path, world: int) -> list[Started]:
    return [
        start(*words, cwd=folder, env={"RANK": str(rank), "WORLD_SIZE": str(world), "OMP_NUM_THREADS": "1"})
        for rank in range(world)
    ]


@pytest.fixture
def ended() -> Iterator[list[Started]]:
    """Processes that are ended with the test, however that ends."""
    found: list[Started] = []
    yield found
    for each in found:
        each.process.kill()
        each.process.communicate()


def until(look: Callable[[], object], *processes: Started, timeout: float = 300) -> None:
    deadline = time.monotonic() + timeout
    while not look():
        assert time.monotonic() < deadline, "it did not come to that in time"
        for each in processes:
            assert each.process.poll() is None, each.finish()
        time.sleep(0.02)


def part_of(folder: Path, rank: int) -> Callable[[], bool]:
    return lambda: any(
        part.name.startswith(f"{rank:04d}-") for part in finished_parts(folder / DB, "x")
    ) or _taken_in(folder, rank)


def _taken_in(folder: Path, rank: int) -> bool:
    if not (folder / DB).exists():
        return False
    return bool(rows_of(folder / DB, f"select 1 from spool_part where part like '{rank:04d}-%'"))


def assert_as_alone(database: Path, alone: Path) -> None:
    """The same answers to the same questions, the same attention but for the rounding of other batches."""
    assert rows_of(database, ANSWERS) == rows_of(alone, ANSWERS)
    mine, theirs = rows_of(database, ATTENTION), rows_of(alone, ATTENTION)
    assert [row[:4] for row in mine] == [row[:4] for row in theirs]
    assert np.allclose([row[4] for row in mine], [row[4] for row in theirs], atol=1e-5)
    assert rows_of(database, "select state from run") == [("done",)]
    assert not run_folder(database, "x").exists()


@pytest.mark.slow
def test_torchrun_with_two_processes_gives_what_one_gives(
    tmp_path: Path, words: list[object], alone: Path
) -> None:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    found = subprocess.run(
        [*launcher, "-m", "relcli", *map(str, words)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)  # one table, the first process's
    writers = rows_of(tmp_path / DB, "select distinct split_part(part, '-', 1) from spool_part order by 1")
    assert writers == [("0000",), ("0001",)]
    assert_as_alone(tmp_path / DB, alone)


@pytest.mark.slow
@pytest.mark.parametrize("dies", [0, 1])
@pytest.mark.parametrize("then", [1, 3])
def test_a_killed_process_is_noticed_and_any_number_goes_on(
    tmp_path: Path, words: list[object], alone: Path, ended: list[Started], dies: int, then: int
) -> None:
    both = ranks(words, tmp_path, 2)
    ended += both
    until(part_of(tmp_path, dies), *both)
    both[dies].process.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    code, out, err = both[1 - dies].finish(timeout=60)
    assert time.monotonic() - killed < 60
    said = [line for line in err.splitlines() if line.startswith("relcli: ")]
    assert (code, out, len(said)) == (1, "", 1) and "Traceback" not in err, err
    assert f"Process {dies} of the run x (number {both[dies].process.pid} on " in said[0]
    assert "has died" in said[0] and said[0].endswith("relcli run --db study.duckdb --name x --resume")
    record = get_run(tmp_path / DB, "x")
    assert record is not None and record.state != "done"
    more = ranks([*words, "--resume"], tmp_path, then)
    ended += more
    for each in more:
        code, _, err = each.finish()
        assert code == 0, err
    assert_as_alone(tmp_path / DB, alone)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_scheduler_s_signal_stops_all_and_the_same_command_goes_on(
    tmp_path: Path, words: list[object], alone: Path, ended: list[Started], number: signal.Signals
) -> None:
    """As SLURM sends it to every process of a job before its time is up; torchrun sends it once more."""
    words = [*words, "--resume"]
    both = ranks(words, tmp_path, 2)
    ended += both
    until(part_of(tmp_path, 1), *both)
    for _ in range(2):
        for each in both:
            each.process.send_signal(number)
    for each in both:
        code, out, err = each.finish(timeout=60)
        assert (code, out) == (130, "") and "Traceback" not in err, err
        assert err.strip().splitlines()[-1].endswith("relcli run --db study.duckdb --name x --resume")
    assert rows_of(tmp_path / DB, "select state from run") == [("stopped",)]
    again = ranks(words, tmp_path, 2)
    ended += again
    assert [each.finish()[0] for each in again] == [0, 0]
    assert_as_alone(tmp_path / DB, alone)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"RANK": "2", "WORLD_SIZE": "2"}, "RANK 2"),
        ({"RANK": "first", "WORLD_SIZE": "2"}, "'first'"),
        ({"WORLD_SIZE": "2"}, "RANK is not set"),
        ({"RANK": "0", "WORLD_SIZE": "2"}, "--name"),
    ],
)
def test_launchers_that_set_nonsense_are_told_in_one_sentence(
    relcli: Relcli, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = relcli("run")
    assert result.exit_code == 2 and told in sentence(result)
    assert not os.listdir()


@pytest.mark.slow
def test_a_world_without_its_first_process_is_told(tmp_path: Path, words: list[object]) -> None:
    began = time.monotonic()
    env = {"RANK": "1", "WORLD_SIZE": "2"}
    code, out, err = start(*words, cwd=tmp_path, env=env).finish(timeout=120)
    assert (code, out) == (1, "") and time.monotonic() - began < 100
    assert re.search(r"^relcli: Process 0 of the run x has not started: .*--db", err, re.M), err
