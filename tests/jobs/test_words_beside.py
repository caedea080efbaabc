"""The words are read beside other work, and whatever happens to that."""

import threading
from pathlib import Path

import pytest

from relcli.jobs import words_alone
from relcli.jobs.words_alone import filling_words_alone
from relcli.progress import NullProgress
from relcli.scenes.generation import generate_folder
from relcli.scenes.items import Dataset
from relcli.scenes.reading import read_folder
from relcli.warehouse.datasets import register_dataset
from relcli.warehouse.migrations import ensure
from relcli.warehouse.words_alone import known_words_alone

ASKED = ["recognition_shape", "recognition_color"]


@pytest.fixture(scope="module")
def dozen(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("words") / "dozen"
    generate_folder(folder, n_scenes=12, seed=3)
    return read_folder(folder)


@pytest.fixture
def database(tmp_path: Path, dozen: Dataset) -> Path:
    path = tmp_path / "w.duckdb"
    ensure(path)
    register_dataset(path, dozen)
    return path


def known(database: Path) -> set[str]:
    return {name for name, _ in known_words_alone(database, "dozen", "seed", words_alone.READER_VERSION)}


def no_thread_is_left() -> bool:
    for thread in threading.enumerate():
        if thread.name == "words":
            thread.join(20)
            return not thread.is_alive()
    return True


def test_they_are_read_while_the_block_works(database: Path, dozen: Dataset, monkeypatch) -> None:
    read, at_work = words_alone.read_words, threading.Event()

    def waiting(*words: object) -> object:
        assert at_work.wait(20), "the block was not entered"
        return read(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(words_alone, "read_words", waiting)
    with filling_words_alone(database, "dozen", dozen, "seed", ASKED, NullProgress()):
        assert known(database) == set()
        at_work.set()
    assert known(database) == set(ASKED)


def test_a_block_that_fails_ends_the_reading(database: Path, dozen: Dataset, monkeypatch) -> None:
    begun, failed, read = threading.Event(), threading.Event(), []

    def slow(asked: dict, wanted: object) -> dict:
        read.extend(asked)
        begun.set()
        assert failed.wait(20)
        return {name: {} for name in asked}

    monkeypatch.setattr(words_alone, "read_words", slow)
    with (
        pytest.raises(KeyboardInterrupt),
        filling_words_alone(database, "dozen", dozen, "seed", ASKED, NullProgress()),
    ):
        assert begun.wait(20)
        raise KeyboardInterrupt
    failed.set()
    assert no_thread_is_left() and len(read) == 1 and known(database) == set()


def test_what_goes_wrong_in_reading_is_raised(database: Path, dozen: Dataset, monkeypatch) -> None:
    def wrong(*words: object) -> None:
        raise ZeroDivisionError("in the reader")

    monkeypatch.setattr(words_alone, "read_words", wrong)
    with (
        pytest.raises(ZeroDivisionError),
        filling_words_alone(database, "dozen", dozen, "seed", ASKED, NullProgress()),
    ):
        pass
    assert known(database) == set()
