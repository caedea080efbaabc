"""A model that a warehouse has not seen is compared with plain generation before its first run."""

from pathlib import Path

import pytest

from relcli.errors import RelcliError
from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.models.instrument import capture
from relcli.progress import NullProgress
from relcli.warehouse.rows import query
from tests.models.small_models import write_llava


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_llava(tmp_path_factory.mktemp("llava")))


class Told(NullProgress):
    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def ask(path: Path, llava: str, name: str, **options: object) -> list[str]:
    told = Told()
    few = {"max_samples": 1, "categories": ("count",), "variants": ("raw",), "max_new_tokens": 2}
    request = RunRequest(model=llava, name=name, **few, **options)  # type: ignore[arg-type]
    run(path, request, told)
    return [note for note in told.notes if "new to the warehouse" in note]


@pytest.mark.slow
def test_a_new_model_is_compared_once_and_the_outcome_kept(tmp_path: Path, llava: str):
    path = tmp_path / "w.duckdb"
    assert len(ask(path, llava, "first")) == 1
    assert ask(path, llava, "second") == []
    rows = query(path, "SELECT run, n_questions, passed, tokens_equal FROM verification").rows
    assert rows == [("first", 1, True, True)]
    assert ask(tmp_path / "other.duckdb", llava, "without", unverified=True) == []


def test_a_model_that_answers_otherwise_is_not_run(
    tmp_path: Path, llava: str, monkeypatch: pytest.MonkeyPatch
):
    right = capture.Recorder.record
    monkeypatch.setattr(
        capture.Recorder, "record", lambda self, layer, row: right(self, layer, row.roll(1, -1))
    )
    path = tmp_path / "w.duckdb"
    with pytest.raises(RelcliError, match=r"attention differs.*--unverified"):
        ask(path, llava, "wrong")
    assert query(path, "SELECT count(*) FROM run").rows == [(0,)]
