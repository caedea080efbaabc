"""Names, locks, stopping and chunks."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from relcli.errors import RelcliError, UsageError
from relcli.jobs import provenance as identity
from relcli.jobs.distributed import rank_and_world
from relcli.jobs.inference_loop import Chunker
from relcli.jobs.stopping import stoppable
from relcli.warehouse.names import check_name
from relcli.warehouse.run_lock import run_lock

NOON = datetime(2026, 1, 31, 12, 0, 0)


@pytest.mark.parametrize(
    ("model", "dataset", "name"),
    [
        ("bundled", "bundled", "bundled-20260131-120000"),
        ("Qwen/Qwen3-VL-4B-Instruct", "mine", "Qwen3-VL-4B-Instruct-mine-20260131-120000"),
        ("/models/my model/", "mine", "my-model-mine-20260131-120000"),
    ],
)
def test_run_names_are_readable(model: str, dataset: str, name: str) -> None:
    assert identity.new_name(model, dataset, lambda name: False, NOON) == check_name(name)


def test_a_taken_name_gets_a_number() -> None:
    taken = {"bundled-20260131-120000", "bundled-20260131-120000-2"}
    assert identity.new_name("bundled", "bundled", taken.__contains__, NOON) == "bundled-20260131-120000-3"


def test_very_long_names_stay_names() -> None:
    assert check_name(identity.new_name("m" * 300, "d" * 300, lambda name: False, NOON))


def test_versions_name_what_shapes_answers() -> None:
    assert {"relcli", "python", "torch", "transformers", "duckdb"} <= set(identity.versions())


def _hold(folder: Path, held: Event) -> None:
    with run_lock(folder, "x"):
        held.set()
        time.sleep(60)


def test_a_run_is_locked_by_one_process_and_a_kill_lets_go(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path / "x", held))
    holder.start()
    assert held.wait(30)
    with pytest.raises(RelcliError, match=f"process {holder.pid}"), run_lock(tmp_path / "x", "x"):
        pass
    holder.kill()
    holder.join()
    with run_lock(tmp_path / "x", "x"):
        pass
    assert not (tmp_path / "x").exists()


@pytest.mark.usefixtures("signals_on")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_arrive_as_ctrl_c_and_handlers_come_back(number: signal.Signals) -> None:
    handler = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), stoppable():
        os.kill(os.getpid(), number)
        time.sleep(5)
    assert signal.getsignal(number) == handler


def test_a_program_stops_its_job_though_both_were_told_to_ignore_ctrl_c() -> None:
    """As under nohup or behind a shell's `&`: the job has it from the program that now means to stop it."""
    code = (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from relcli.jobs.stopping import stoppable\n"
        "with stoppable(watch_stdin=True): print('there', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as job:
        assert job.stdout is not None and job.stderr is not None
        assert job.stdout.readline() == b"there\n"
        job.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in job.stderr.read()


def test_chunks_grow_towards_a_few_seconds() -> None:
    chunker = Chunker()
    chunker.took(8, 0.1)
    assert chunker.size == 16  # no more than doubled
    for _ in range(10):
        chunker.took(chunker.size, 0.01 * chunker.size)
    assert chunker.size == Chunker.MOST
    chunker.took(96, 12.0)
    assert chunker.size == 24


def test_chunks_fall_below_a_few_pictures_only_where_one_takes_long() -> None:
    chunker = Chunker()
    chunker.took(8, 100.0)
    assert chunker.size == Chunker.FEW
    chunker.took(8, 8 * 60.0)
    assert chunker.size == 1


def test_ranks_come_from_the_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert rank_and_world() == (0, 1)
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert rank_and_world() == (3, 4)
    for bad in ("4", "-1", "many"):
        monkeypatch.setenv("RANK", bad)
        with pytest.raises(UsageError, match="RANK"):
            rank_and_world()
