"""`relcli cut`: questions asked again with attention cut; killed, resumed, repeated; what can't be cut."""

import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from relcli.warehouse.opening import connect
from relcli.warehouse.parts import finished_parts
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence, start

CUT = ("cut", "--run", "first", "--db", "study.duckdb", "--format", "json")
SLOW = ("--region", "image", "--from", "all", "--layers", "each", "--variants", "raw", "--batch-size", 4)
FEW = ("--category", "explicit_connection", "--variants", "raw")
KEYS = "select scene_id, question_index, variant, intervention from answer where intervention <> 'none'"


def test_a_cut_adds_answers_under_its_name_and_leaves_the_plain_ones(relcli: Relcli, answered: Path) -> None:
    plain = rows_of(answered, "from inference order by all")
    result = relcli(*CUT, "--region", "target", "--control", 2, "--name", "mine", "--variants", "raw")
    assert result.exit_code == 0, result.stderr
    rows = load_json(result)
    assert {row["intervention"] for row in rows} == {"mine"} and len({row["category"] for row in rows}) > 3
    counted = dict(rows_of(answered, "select intervention, count(*) from answer group by all"))
    assert set(counted) == {"none", "mine", "mine/random-1", "mine/random-2"}
    assert counted["mine"] >= counted["mine/random-1"] == counted["mine/random-2"] > 0
    assert rows_of(answered, "from inference order by all") == plain
    assert rows_of(answered, "select state from run") == [("done",)]
    moved = rows_of(answered, "select max(abs(change)) from cut_answer")[0][0]
    assert moved > 0.01
    again = relcli(*CUT, "--region", "target", "--control", 2, "--name", "mine", "--variants", "raw")
    assert again.exit_code == 0
    assert load_json(again) == [pytest.approx(row) for row in rows]  # sums in another order
    assert dict(rows_of(answered, "select intervention, count(*) from answer group by all")) == counted
    # More draws continue where the others are kept.
    more = relcli(*CUT, "--region", "target", "--control", 3, "--name", "mine", *FEW, "--display", "jsonl")
    new = rows_of(answered, "select count(*) from answer where intervention = 'mine/random-3'")[0][0]
    assert json.loads(more.stdout.splitlines()[-1])["answers"] == new > 0
    other = relcli(*CUT, "--region", "target", "--from", "question", "--name", "mine")
    assert other.exit_code == 2 and "another one already" in sentence(other)


@pytest.mark.slow
def test_a_sweep_by_layer_and_every_region(relcli: Relcli, answered: Path) -> None:
    result = relcli(*CUT, "--region", "target", "--layers", "each", "--control", 0, *FEW, "--name", "s")
    assert result.exit_code == 0, result.stderr
    steps = rows_of(answered, "select layer, intervention from cut_by_layer order by layer")
    assert steps == [(layer, f"s/L{layer:02d}") for layer in range(4)]
    for region in ("distractor", "arrow", "removed", "image", "text"):
        result = relcli(*CUT, *FEW, "--region", region, "--from", "all", "--control", 0, "--name", region)
        assert result.exit_code == 0, result.stderr
        found = rows_of(answered, f"select count(*) from cut_answer where intervention = '{region}'")
        assert found[0][0] > 0
    heads = relcli(*CUT, *FEW, "--region", "image", "--heads", "0.1,2.0", "--control", 1, "--name", "h")
    assert heads.exit_code == 0, heads.stderr
    random_set = relcli(*CUT, *FEW, "--region", "random", "--match", "target", "--name", "r")
    assert random_set.exit_code == 0 and "a control itself" in random_set.stderr
    assert rows_of(answered, "select region, control_of from intervention where intervention = 'r'") == [
        ("random", None)
    ]


@pytest.mark.slow
def test_a_killed_cut_goes_on_and_loses_and_doubles_nothing(
    relcli: Relcli, answered: Path, tmp_path: Path
) -> None:
    words = (*CUT, *SLOW)
    started = start(*words, cwd=tmp_path)
    deadline = time.monotonic() + 300
    while not finished_parts(answered, "first"):
        assert started.process.poll() is None and time.monotonic() < deadline, started.finish()
        time.sleep(0.01)
    started.process.send_signal(signal.SIGKILL)
    started.finish()
    resumed = relcli(*words)
    assert resumed.exit_code == 0, resumed.stderr
    assert "Going on: " in resumed.stderr
    keys = rows_of(answered, KEYS)
    plain = rows_of(answered, "select count(*) from inference where variant = 'raw'")[0][0]
    assert len(keys) == len(set(keys)) == 4 * plain


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(answered: Path, tmp_path: Path) -> None:
    words = (*CUT, *SLOW)
    started = start(*words, cwd=tmp_path)
    while not finished_parts(answered, "first"):
        assert started.process.poll() is None, started.finish()
        time.sleep(0.01)
    started.process.send_signal(signal.SIGINT)
    code, _, said = started.finish()
    assert code == 130 and "the same command resumes it" in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--region", "target", "--layers", "0-9"), "There is no layer 9: the model's 4"),
        (("--region", "target", "--heads", "0.9"), "There is no head 0.9"),
        (("--region", "target", "--variants", "raw,sepia"), "not asked on sepia pictures"),
        (("--region", "sink"), "has no sinks"),
        (("--region", "arrow", "--category", "nothing"), "no category 'nothing'"),
        (("--region", "image", "--control", "3"), "no matched control"),
        (("--region", "random"), "needs --match"),
        (("--region", "target", "--run", "none-such"), "There is no run none-such"),
    ],
)
def test_what_cannot_be_cut_gets_one_sentence(
    relcli: Relcli, answered: Path, words: tuple[str, ...], says: str
) -> None:
    before = rows_of(answered, "select count(*) from answer")
    result = relcli(*CUT, *words)
    assert result.exit_code == 2 and says in sentence(result)
    assert rows_of(answered, "select count(*) from answer") == before
    assert rows_of(answered, "select count(*) from intervention") == [(1,)]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE run SET kind = 'import'", "was imported"),
        ("UPDATE run SET device = 'endpoint'", "behind a server"),
        ("UPDATE run SET dataset = 'gone'", "The data set gone"),
        ("UPDATE run SET weights_hash = 'x'", "another model"),
        ("UPDATE run SET attention = 'none'", "kept no attention"),
        ("DELETE FROM answer", "no answers yet"),
    ],
)
def test_runs_that_cannot_be_cut(relcli: Relcli, answered: Path, sql: str, says: str) -> None:
    with connect(answered, read_only=False) as connection:
        connection.execute(sql)
    result = relcli(*CUT, "--region", "sink")
    assert result.exit_code == 2 and says in sentence(result)


@pytest.mark.slow
def test_a_data_set_without_annotations_has_no_regions(
    relcli: Relcli, scenes: Path, tiny_model: Path, tmp_path: Path
) -> None:
    folder: Any = shutil.copytree(scenes, tmp_path / "bare")
    for annotations in list(folder.rglob("annotations")):
        shutil.rmtree(annotations)
    made = relcli(
        *("run", "--dataset", folder, "--model", tiny_model, "--name", "first", "--db", "study.duckdb"),
        *("--max-new-tokens", 1, "--variants", "raw", "--max-samples", 1),
    )
    assert made.exit_code == 0, made.stderr
    refused = relcli(*CUT, "--region", "target")
    assert refused.exit_code == 2 and "does not say where its objects are" in sentence(refused)
    assert relcli(*CUT, "--region", "image").exit_code == 0
