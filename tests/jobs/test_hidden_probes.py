"""Probes of hidden states: a label that one layer shows is found there, with little in memory."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relcli.errors import RelcliError, UsageError
from relcli.jobs.inference_loop import answer_row
from relcli.jobs.plan import make_plan
from relcli.jobs.probe import probe
from relcli.jobs.probe_request import ProbeRequest
from relcli.jobs.request import RunRequest
from relcli.jobs.sources import open_source
from relcli.models.items import Answer
from relcli.progress.displays import make_progress
from relcli.warehouse.array_store import ArrayWriter, Entry, array_folder, scaled
from relcli.warehouse.hidden_states import HiddenStates
from relcli.warehouse.ingest import ingest
from relcli.warehouse.migrations import ensure
from relcli.warehouse.rows import query
from relcli.warehouse.runs import RunRecord, create_run, remove_run
from relcli.warehouse.spool import SpoolWriter

CATEGORY, LAYERS, WIDTH, SHOWN = "recognition_color", 5, 400, 3


def made(path: Path, wrong: float = 0.3) -> None:
    """A run `r` over the bundled scenes' questions of one category, which are answered by yes or no: layer
    SHOWN's states know which, layer 1's whether the answer is right; those of `target` know nothing."""
    ensure(path)
    request = RunRequest(name="r", categories=(CATEGORY,), variants=("raw",), attention=("none",))
    source = open_source(path, request, make_progress("none"))
    plan = make_plan(source.dataset, request)
    dataset = source.register(path)
    record = RunRecord(run="r", dataset=dataset, attention="none", variants=["raw"], state="done")
    record.hidden_rows = ["answer", "target"]
    create_run(path, record)
    rng = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    entries: list[Entry] = []
    states: list[np.ndarray] = []
    for task in plan.tasks:
        for question in task.questions:
            truth = task.truth(question)
            is_right = rng.random() >= wrong
            text = truth if is_right else "None"
            rows.append(answer_row(dataset, task, question, Answer((0, 0), text, [1], [-1.0] * 3, 1, False)))
            state = rng.standard_normal((LAYERS, WIDTH)).astype(np.float32)
            state[SHOWN, 0] += 3 if truth == "a)" else -3
            state[1, -1] += 3 if is_right else -3
            key = task.key(question)
            entries += [Entry(key, "answer"), Entry(key, "target")]
            states += [state, rng.standard_normal((LAYERS, WIDTH)).astype(np.float32)]
    with SpoolWriter(path, "r") as spool:
        spool.write(rows)
    values, scale = scaled(np.stack(states, axis=1))
    ArrayWriter(path, "r", "hidden").write(entries, values, scale=scale)
    assert ingest(path) == len(rows)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("probes") / "w.duckdb"
    made(path)
    return path


def request(**given: Any) -> ProbeRequest:
    values = {"run": "r", "categories": (CATEGORY,), "features": "hidden", "permutations": 99, "shuffles": 2}
    return ProbeRequest(**values | given)


def test_a_label_is_found_in_the_layer_that_shows_it(database: Path, monkeypatch: pytest.MonkeyPatch):
    read: list[int] = []
    of_layer = HiddenStates.layer

    def counted(self: HiddenStates, keys: Any, layer: int) -> Any:
        read.append(layer)
        return of_layer(self, keys, layer)

    monkeypatch.setattr(HiddenStates, "layer", counted)
    done = probe(database, request(labels=("answer", "correct")), make_progress("none"))
    assert done.labels == (f"{CATEGORY}.answer", f"{CATEGORY}.correct")
    assert read == list(range(LAYERS))  # one at a time, each once for all labels
    rows = query(database, "SELECT label, features, layer, accuracy, p, n_family, shuffled FROM probe_best")
    found = {row["label"]: row for row in rows.as_dicts()}
    assert found["answer"]["layer"] == SHOWN
    assert found["correct"]["layer"] == 1
    assert {row["features"] for row in found.values()} == {"hidden"}
    for row in found.values():
        assert row["accuracy"] > 0.8 > row["shuffled"]
        assert row["p"] <= 0.01
    assert found["correct"]["n_family"] == 1
    scores = query(database, "FROM probe_score WHERE label = 'correct'").as_dicts()
    assert len(scores) == len({(row["scene_id"], row["question_index"]) for row in scores})
    assert {row["layer"] for row in scores} == {1}
    by_value = {name: [s["score"] for s in scores if s["value"] == name] for name in ("right", "wrong")}
    assert np.mean(by_value["wrong"]) > 0.5 > -0.5 > np.mean(by_value["right"])
    assert all((row["score"] > 0) == (row["predicted"] == "wrong") for row in scores)
    probe(database, request(labels=("correct",), layers="2"), make_progress("none"))
    by_label = "SELECT label, count(*), any_value(layer) FROM probe_score GROUP BY ALL ORDER BY ALL"
    again = query(database, by_label)
    assert again.rows[1] == ("correct", len(scores), 2)  # replaced, the other label's stay
    assert again.rows[0] == ("answer", len(scores), SHOWN)


def test_another_row_knows_nothing(database: Path):
    probe(database, request(row="target", labels=("correct",)), make_progress("none"))
    of_target = "SELECT features, p, accuracy FROM probe_best WHERE probe LIKE 'hidden_target%'"
    [row] = query(database, of_target).rows
    assert row[0] == "hidden_target"
    assert row[1] > 0.01


def test_memory_holds_a_layer_at_a_time(database: Path):
    """What reading all layers holds at most is less than all of them."""
    n = query(database, "SELECT count(*) FROM answer").rows[0][0]
    states = HiddenStates(database, "r", "answer")
    keys = list(states.keys)
    tracemalloc.start()
    for layer in range(LAYERS):
        states.layer(keys, layer)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * n * WIDTH * 4 < LAYERS * n * WIDTH * 4


@pytest.mark.slow
def test_too_few_wrong_answers_are_said(tmp_path: Path):
    path = tmp_path / "w.duckdb"
    made(path, wrong=0.01)
    with pytest.raises(RelcliError, match=r"correct has too few wrong answers \(\d of \d+; 10 are the"):
        probe(path, request(labels=("correct",)), make_progress("none"))
    for file in array_folder(path, "r", "hidden").iterdir():
        file.unlink()
    with pytest.raises(RelcliError, match="copy that folder here too"):
        probe(path, request(), make_progress("none"))
    with pytest.raises(RelcliError, match="keeps no hidden states of row options"):
        probe(path, request(row="options"), make_progress("none"))
    with pytest.raises(RelcliError, match=r"No run in .* keeps hidden states of row stem_end"):
        probe(path, request(run=None, row="stem_end"), make_progress("none"))
    remove_run(path, "r")
    assert query(path, "SELECT count(*) FROM probe_score").rows == [(0,)]


def test_all_layers_side_by_side_are_refused():
    with pytest.raises(UsageError, match="never all side by side"):
        request(layers="each,all", given=frozenset({"layers"}))
    assert request().layers == "each"
    assert request(row="target", given=frozenset({"features"})).probed == "hidden_target"
    assert ProbeRequest(labels=("correct",)).layers == "each,all"
