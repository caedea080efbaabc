"""A small data set, and a run of the tiny model over it."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from relcli.cli.main import app
from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.progress import NullProgress
from relcli.scenes.generation import generate_folder
from relcli.warehouse.migrations import ensure
from tests.cli.cli_helpers import Relcli


@pytest.fixture(scope="session", autouse=True)
def one_command_line() -> Iterator[None]:
    """The commands are made once, not for each call: that takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture
def relcli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Relcli:
    """Call the command in this process, in a folder of its own. `stdin` is what is piped in."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], input=stdin)

    return call


@pytest.fixture(scope="session")
def empty_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("empty") / "study.duckdb"
    ensure(database)
    return database


@pytest.fixture
def empty(empty_once: Path, tmp_path: Path) -> Path:
    """A warehouse without anything in it; quicker than making one."""
    return Path(shutil.copy(empty_once, tmp_path / "study.duckdb"))


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six scenes with both question sets."""
    folder = tmp_path_factory.mktemp("data") / "six"
    generate_folder(folder, n_scenes=6, seed=11, question_sets=("seed", "balanced"))
    return folder


@pytest.fixture(scope="session")
def answered_once(scenes: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("answered") / "study.duckdb"
    request = RunRequest(
        dataset=str(scenes),
        model=str(tiny_model),
        variants=("raw", "masked", "blank"),
        max_new_tokens=2,
        name="first",
        given=frozenset({"dataset", "model", "variants", "max_new_tokens"}),
    )
    run(database, request, NullProgress())
    return database


@pytest.fixture
def answered(answered_once: Path, tmp_path: Path) -> Path:
    """A warehouse with the finished run `first`, to do with as one likes."""
    return Path(shutil.copy(answered_once, tmp_path / "study.duckdb"))
