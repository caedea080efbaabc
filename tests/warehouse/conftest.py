"""Real files and real processes: a warehouse with a run, batches for it, and workers to kill."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import relcli
from relcli.warehouse.migrations import ensure
from relcli.warehouse.runs import RunRecord, create_run
from tests.warehouse.batches import make_batch, make_summary

HERE = Path(__file__).parent


@dataclass
class Place:
    """A warehouse that knows a run `r`."""

    path: Path
    run: str = "r"

    @property
    def spool(self) -> Path:
        return self.path.with_name(self.path.name + ".spool") / self.run


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty warehouse with a run, made once and copied."""
    path = tmp_path_factory.mktemp("template") / "relcli.duckdb"
    ensure(path)
    create_run(path, RunRecord(run="r", dataset="d"))
    return path


@pytest.fixture
def place(tmp_path: Path, template: Path) -> Place:
    return Place(Path(shutil.copy(template, tmp_path)))


@pytest.fixture
def batch() -> Callable:
    return make_batch


@pytest.fixture
def summary() -> Callable:
    return make_summary


@pytest.fixture
def start(place: Place) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start `workers.py` in a process of its own; whatever still runs at the end is killed."""
    started: list[subprocess.Popen] = []
    environment = os.environ | {"PYTHONPATH": str(Path(relcli.__file__).parents[1])}

    def run(task: str, *arguments: object) -> subprocess.Popen:
        command = [sys.executable, str(HERE / "workers.py"), task, str(place.path), *map(str, arguments)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()
