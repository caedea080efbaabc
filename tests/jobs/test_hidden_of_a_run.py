"""A run that keeps hidden states: whose they are, through resuming, taking in twice, copying and deleting."""

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from relcli.errors import InterruptedRun, UsageError
from relcli.jobs.calibration import say_cost
from relcli.jobs.doctor import examine
from relcli.jobs.planning import cost
from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.progress.displays import make_progress
from relcli.warehouse.array_store import array_folder, array_parts, arrays_beside
from relcli.warehouse.batch import Key
from relcli.warehouse.hidden_states import HiddenStates
from relcli.warehouse.ingest import ingest
from relcli.warehouse.migrations import ensure
from relcli.warehouse.rows import query
from relcli.warehouse.runs import RunRecord, create_run, get_run, remove_run
from relcli.warehouse.spool import SpoolWriter
from tests.cli.cli_helpers import start

RUN = "inside"
REQUEST: dict[str, Any] = {
    **{"name": RUN, "max_samples": 4, "hidden": ("target", "answer"), "attention": ("none",)},
    "categories": ("count", "recognition_color"),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hidden") / "w.duckdb"
    run(path, RunRequest(**REQUEST), make_progress("none"))
    return path


@pytest.fixture
def own(database: Path, tmp_path: Path) -> Path:
    shutil.copytree(database.parent, tmp_path / "own")
    return tmp_path / "own" / database.name


def keys_of(path: Path, where: str = "true") -> set[Key]:
    rows = query(path, f"SELECT scene_id, question_index, variant FROM answer WHERE {where}").rows
    return {Key(*row) for row in rows}


def test_every_answer_has_its_states_and_what_each_layer_would_answer(database: Path):
    assert query(database, "SELECT hidden_rows FROM run").rows == [(["answer", "target"],)]
    found = HiddenStates(database, RUN, "answer")
    keys = keys_of(database)
    assert set(found.keys) == keys
    with_target = keys_of(database, "scene_id IN (SELECT scene_id FROM prompt_token WHERE role = 'target')")
    assert set(HiddenStates(database, RUN, "target").keys) <= with_target
    assert found.n_layers == 6
    assert found.layer(sorted(keys), 5).shape == (len(keys), 128)
    told = query(
        database,
        "SELECT count(*), max(list_max(list_transform(list_zip(lens_logprobs[-1], option_logprobs), "
        "lambda x: abs(x[1] - x[2])))), min(len(lens_logprobs)) FROM answer",
    )
    assert told.rows[0][0] == len(keys)
    assert told.rows[0][1] < 1e-4
    assert told.rows[0][2] == 6


@pytest.mark.slow
def test_a_run_that_is_stopped_goes_on_and_loses_and_doubles_nothing(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Stopped between the states of a chunk and its answers: these are asked again, and the newest count."""
    path = tmp_path / "w.duckdb"
    written = SpoolWriter.write

    def stop(self: SpoolWriter, *given: Any) -> Any:
        if len(array_parts(path, RUN, "hidden")) > 1:
            raise KeyboardInterrupt
        return written(self, *given)

    monkeypatch.setattr(SpoolWriter, "write", stop)
    monkeypatch.setattr("relcli.jobs.inference_loop.Chunker.FEW", 3)
    monkeypatch.setattr("relcli.jobs.inference_loop.Chunker.MOST", 3)
    with pytest.raises(InterruptedRun):
        run(path, RunRequest(**REQUEST), make_progress("none"))
    there = set(HiddenStates(path, RUN, "answer").keys)
    assert keys_of(path) < there < keys_of(database)
    monkeypatch.undo()
    with pytest.raises(UsageError, match=r"--hidden \(answer, target then, answer now\)"):
        other = RunRequest(name=RUN, resume=True, hidden=("answer",), given=frozenset({"hidden"}))
        run(path, other, make_progress("none"))
    run(path, RunRequest(name=RUN, resume=True), make_progress("none"))
    n_entries = sum(len(part.entries) for part in array_parts(path, RUN, "hidden"))
    ours, whole = HiddenStates(path, RUN, "answer"), HiddenStates(database, RUN, "answer")
    keys = sorted(keys_of(path))
    assert set(ours.keys) == set(keys) == keys_of(database)
    assert n_entries > len(keys) + len(list(HiddenStates(path, RUN, "target").keys))  # some are there twice
    np.testing.assert_allclose(ours.layer(keys, 3), whole.layer(keys, 3), atol=0.05)


def killed_at(path: Path, *words: object, when: Callable[[], bool]) -> None:
    """Start relcli as a process of its own, and kill it as soon as that is so."""
    started = start(*words, "--db", path, cwd=path.parent)
    deadline = time.monotonic() + 300
    while not when():
        assert started.process.poll() is None and time.monotonic() < deadline, started.finish()
        time.sleep(0.001)
    started.process.send_signal(signal.SIGKILL)
    assert started.finish()[0] == -signal.SIGKILL


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path):
    """Killed while states are written, when states wait for their answers, and when more have come."""
    path, other = tmp_path / "w.duckdb", tmp_path / "whole.duckdb"
    folder = array_folder(path, RUN, "hidden")
    words = ("run", "--name", RUN, "--max-samples", 16, "--hidden", "target,answer", "--attention", "none")
    words, resume = (*words, "--variants", "raw"), ("run", "--name", RUN, "--resume")
    killed_at(path, *words, when=lambda: folder.is_dir() and any(folder.iterdir()))
    n_written = len(array_parts(path, RUN, "hidden"))

    def more_than(n: int) -> bool:
        return len(list(folder.glob("[0-9]*.json"))) > n

    for n in (n_written, n_written + 1):
        killed_at(path, *resume, when=lambda n=n: more_than(n))
    kept = len(list(HiddenStates(path, RUN, "answer").keys))
    for file, command in ((path, resume), (other, words)):
        code, _, said = start(*command, "--db", file, cwd=tmp_path).finish()
        assert code == 0, said
    keys = keys_of(other)
    assert 0 < kept < len(keys) and keys_of(path) == keys
    assert query(path, "SELECT count(*) FROM answer").rows == [(len(keys),)]
    assert query(path, "SELECT state, n_planned FROM run").rows == [("done", len(keys))]
    for row in ("answer", "target"):
        ours, whole = HiddenStates(path, RUN, row), HiddenStates(other, RUN, row)
        of_row = sorted(whole.keys)
        assert of_row and sorted(ours.keys) == of_row
        for layer in range(whole.n_layers):
            np.testing.assert_allclose(ours.layer(of_row, layer), whole.layer(of_row, layer), atol=0.05)
    assert {file.name[0] for file in folder.iterdir()} == {"0"}  # no half of a part is left
    assert [check.state for check in examine(path) if check.what == "hidden states"] in ([], ["note"])


def test_parts_that_come_again_change_nothing(own: Path):
    rows = query(own, "SELECT * EXCLUDE (run, our_correct, created_at) FROM answer").as_dicts()
    before = len(rows), list(query(own, "SELECT lens_logprobs FROM answer ORDER BY ALL").rows)
    with SpoolWriter(own, RUN) as spool:
        spool.write(rows)
    assert ingest(own) == 0
    assert before == (len(rows), query(own, "SELECT lens_logprobs FROM answer ORDER BY ALL").rows)


@pytest.mark.parametrize("lens", [[[0.0]], [[-1.0, float("nan"), -1.0]], [None]])
def test_a_part_whose_layers_do_not_fit_the_options_is_set_aside(own: Path, lens: Any):
    [row, *_] = query(own, "SELECT * EXCLUDE (run, our_correct, created_at) FROM answer LIMIT 1").as_dicts()
    notes: list[str] = []
    with SpoolWriter(own, RUN) as spool:
        spool.write([{**row, "option_logprobs": [-1.0, -1.0, -1.0], "lens_logprobs": lens}])
    ingest(own, note=notes.append)
    assert "log-probabilities are not as many as the options" in notes[0]


def test_states_go_with_their_run_and_doctor_tells_of_them(own: Path):
    [(name, kind, n_bytes)] = arrays_beside(own)
    assert (name, kind) == (RUN, "hidden")
    assert n_bytes == sum(file.stat().st_size for file in array_folder(own, RUN, "hidden").iterdir())

    def found(what: str) -> list[tuple[str, str]]:
        return [(each.state, each.says) for each in examine(own) if each.what == what]

    [(state, says)] = found("arrays")
    assert state == "ok"
    assert "hidden of inside" in says
    # Questions about a count name nothing.
    assert [state for state, _ in found("hidden states")] in ([], ["note"])
    for file in array_folder(own, RUN, "hidden").glob("*.json"):
        file.unlink()
    problem, *_ = found("hidden states")
    assert problem[0] == "problem"
    assert "copy that folder" in problem[1]
    remove_run(own, RUN)
    assert arrays_beside(own) == []
    assert found("arrays") == []


def test_the_bytes_are_said_before_and_as_they_turn_out(database: Path, capsys: pytest.CaptureFixture[str]):
    told = cost(database, RunRequest(**{**REQUEST, "name": "next"}), make_progress("none"))
    assert "hidden states of answer, target, 128 numbers a layer" in told.bytes_from
    n_each = 2 * 6 * (2 * 128 + 4)
    without = cost(database, RunRequest(**{**REQUEST, "name": "next", "hidden": ()}), make_progress("none"))
    assert told.bytes - without.bytes == told.n_answers * n_each
    written = sum(
        file.stat().st_size for file in array_folder(database, RUN, "hidden").glob("*.npy")
    )
    assert 0.5 * n_each < written / told.n_answers < 1.1 * n_each
    described = SimpleNamespace(layout=None, n_layers=6, n_heads=4, width=128)
    request = RunRequest(**{**REQUEST, "name": "next"})
    say_cost(database, request, cast("Any", described), 10, make_progress("plain"))
    assert "hidden states of answer, target (3.12 KB)" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(UsageError, match=r"hidden states would take about .* free: ask fewer"):
        say_cost(database, request, cast("Any", described), 10**13, make_progress("none"))


def test_what_can_not_be_kept_is_refused():
    with pytest.raises(UsageError, match="behind a server"):
        RunRequest(endpoint="http://localhost:1/v1", model="x", hidden=("answer",))
    with pytest.raises(UsageError, match="'answers'"):
        RunRequest(hidden=("answers",))
    assert RunRequest(hidden=("options", "answer")).hidden == ("answer", "options")


def test_a_run_of_old_goes_on_without_states(tmp_path: Path):
    path = tmp_path / "w.duckdb"
    ensure(path)
    create_run(path, RunRecord(run="r", dataset="d", attention="none", device="cpu", state="stopped"))
    started = get_run(path, "r")
    assert started is not None
    request = RunRequest(name="r", resume=True).as_started(started)
    assert request.hidden == ()
    asked = RunRequest(name="r", resume=True, hidden=("answer",), given=frozenset({"hidden"}))
    assert asked.as_started(started).hidden == ("answer",)
