"""Processes of one run that watch each other, and the variables that tell them apart."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from relcli.errors import RelcliError, UsageError
from relcli.jobs import ranks
from relcli.jobs.distributed import rank_and_world
from relcli.jobs.ranks import Ranks, clear


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "BEAT_S", 0.02)
    monkeypatch.setattr(ranks, "SILENT_S", 1.5)
    monkeypatch.setattr(ranks, "START_S", 2.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "db.spool" / "x"


def until_it_fails(process: Ranks, within_s: float = 10) -> str:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            process.check()
        except RelcliError as problem:
            return problem.message
        time.sleep(0.02)
    raise AssertionError("nothing was noticed")


def beat(folder: Path, rank: int, **changes: Any) -> None:
    """Write down what a process of another machine would."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"token": "theirs", "number": 1, "host": "node7/pid:[1]", "pid": 1, "stopped": ""} | changes
    (folder / f".rank-{rank:04d}.json").write_text(json.dumps(told))


def test_processes_that_beat_leave_each_other_alone_and_nothing_behind(folder: Path) -> None:
    three = [Ranks(folder, rank, 3) for rank in range(3)]
    with three[0].beating(), three[1].beating():
        with three[2].beating():
            for _ in range(30):
                time.sleep(0.05)
                for process in three:
                    process.check()
            assert three[0].ended() == []
        time.sleep(0.3)
        three[0].check()
        assert three[0].ended() == [2]
    assert not folder.exists()


def test_one_process_watches_nobody(folder: Path) -> None:
    with Ranks(folder, 0, 1).beating():
        pass
    assert not folder.exists()


def test_one_that_fails_takes_the_others_along(folder: Path) -> None:
    first, second = Ranks(folder, 0, 2), Ranks(folder, 1, 2)
    with first.beating():
        with pytest.raises(ZeroDivisionError), second.beating():
            time.sleep(0.2)
            raise ZeroDivisionError
        told = until_it_fails(first)
    assert f"Process 1 of the run x (number {os.getpid()}" in told and "ended with an error" in told
    assert told.endswith("relcli run --name x --resume")
    clear(folder)
    assert list(folder.iterdir()) == []


def test_a_silent_machine_is_dead_whatever_its_clock(folder: Path) -> None:
    first = Ranks(folder, 0, 2)
    with first.beating():
        for number in range(10):
            beat(folder, 1, number=number)
            os.utime(folder / ".rank-0001.json", (0, 0))
            time.sleep(0.1)
            first.check()
        assert "on node7) has died" in until_it_fails(first)


def test_a_follower_watches_the_first(folder: Path) -> None:
    beat(folder, 0, number=1)
    second = Ranks(folder, 1, 2)
    with second.beating():
        beat(folder, 0, number=2)
        time.sleep(0.1)
        second.check()
        assert "Process 0 of the run x" in until_it_fails(second)


def test_a_process_of_this_machine_that_is_killed_shows_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "SILENT_S", 1000)
    first = Ranks(folder, 0, 2)
    script = f"""
import pathlib, time
from relcli.jobs import ranks
with ranks.Ranks(pathlib.Path({str(folder)!r}), 1, 2).beating():
    print("beating", flush=True)
    time.sleep(99)
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "beating\n"
    with first.beating():
        time.sleep(0.2)
        first.check()
        child.kill()  # and nobody waits for it: it stays a zombie
        assert f"(number {child.pid} on " in until_it_fails(first)
    child.wait()


@pytest.mark.parametrize("left", [{}, {"stopped": "ended with an error"}])
def test_files_of_an_earlier_session_start_nobody_and_stop_nobody(folder: Path, left: dict[str, str]) -> None:
    beat(folder, 1, **left)
    first = Ranks(folder, 0, 2)
    with first.beating():
        time.sleep(0.3)
        first.check()
        told = until_it_fails(first)
    assert "has not started" in told and str(folder) in told and "--db" in told


def test_one_that_is_started_a_second_time_replaces_the_first(folder: Path) -> None:
    beat(folder, 0)
    old, new = Ranks(folder, 1, 2), Ranks(folder, 1, 3)
    with old.beating(), new.beating():
        assert "started a second time" in until_it_fails(old)
        for number in range(2, 12):
            beat(folder, 0, number=number)
            time.sleep(0.03)
            new.check()
    assert not (folder / ".rank-0001.json").exists()


@pytest.mark.parametrize("bytes_", [b"", b"{", b"[]", b'{"token": 1}', b"\xff\xfe"])
def test_a_broken_file_is_as_good_as_none(folder: Path, bytes_: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / ".rank-0001.json").write_bytes(bytes_)
    first = Ranks(folder, 0, 2)
    with first.beating():
        time.sleep(0.1)
        first.check()


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    yield monkeypatch


@pytest.mark.parametrize(
    ("rank", "world", "found"),
    [
        *((None, None, (0, 1)), ("", "", (0, 1)), ("0", "1", (0, 1)), ("0", None, (0, 1))),
        *((None, "1", (0, 1)), ("3", "4", (3, 4)), (" 1 ", "2\n", (1, 2))),
    ],
)
def test_launchers_tell_who_one_is(
    variables: pytest.MonkeyPatch, rank: str | None, world: str | None, found: tuple[int, int]
) -> None:
    for name, value in (("RANK", rank), ("WORLD_SIZE", world)):
        if value is not None:
            variables.setenv(name, value)
    assert rank_and_world() == found


@pytest.mark.parametrize(
    ("rank", "world", "told"),
    [
        *(("2", "2", "RANK 2"), ("-1", "2", "RANK -1"), ("5", "2", "RANK 5"), ("0", "0", "WORLD_SIZE is 0")),
        *(("0", "-3", "WORLD_SIZE is -3"), ("one", "2", "'one'"), ("0", "1.5", "'1.5'"), ("0", "²", "'²'")),
        *((None, "2", "RANK is not set"), ("", "2", "RANK is not set"), ("1", None, "WORLD_SIZE is not set")),
        *((None, "many", "'many'"), ("0", "9" * 5000, "whole number")),
    ],
)
def test_variables_that_make_no_sense_are_said(
    variables: pytest.MonkeyPatch, rank: str | None, world: str | None, told: str
) -> None:
    for name, value in (("RANK", rank), ("WORLD_SIZE", world)):
        if value is not None:
            variables.setenv(name, value)
    with pytest.raises(UsageError, match=told):
        rank_and_world()
