"""Cutting and steering on screen 4: the answer changes in place, is kept as the commands keep it, or thrown
away."""

import shlex
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.widgets import Input

from relcli.errors import RelcliError
from relcli.jobs.cut import cut
from relcli.jobs.cut_request import CutRequest
from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.jobs.steer import steer
from relcli.jobs.steer_request import SteerRequest
from relcli.jobs.worker_cut import Cutting
from relcli.jobs.worker_steer import Drawing
from relcli.progress import NullProgress
from relcli.scenes.generation import generate_folder
from relcli.tui.cutting.panel import CutPanel
from relcli.tui.cutting.picker import CellPicker
from relcli.tui.cutting.sweep_command import cut_command, patch_command
from relcli.tui.cutting.sweep_curve import SweepCurve
from relcli.tui.cutting.sweeps import SweepsDialog
from relcli.tui.widgets.choices import Choices
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query


@pytest.fixture(scope="module")
def answered_once(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cutting")
    generate_folder(folder / "scenes", n_scenes=2, seed=11, question_sets=("seed",))
    request = RunRequest(
        dataset=str(folder / "scenes"),
        model=str(tiny_model),
        max_new_tokens=2,
        name="first",
        given=frozenset({"dataset", "model", "max_new_tokens"}),
    )
    run(folder / "study.duckdb", request, NullProgress())
    return folder / "study.duckdb"


@pytest.fixture
def answered(answered_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(answered_once, "study.duckdb"))


async def until(driver, true) -> None:
    for _ in range(1200):
        if true():
            await driver.settle()
            return
        await driver.pilot.pause(0.05)
    raise AssertionError(driver.text("#cut-effect"))


async def refuse_in_the_panel(driver, database: Path) -> None:
    """What can't be cut is said in the panel; it follows the picture and the question looked at."""
    await driver.press("X")
    panel = driver.screen.query_one(CutPanel)
    layers = panel.query_one("#cut-layers", Input)
    await driver.press("space")
    for value, says in (("each", "sweep"), ("0-9", "no layer 9"), ("x", "numbers and ranges")):
        layers.value = value
        layers.focus()
        await driver.press("enter")
        await until(driver, lambda says=says: says in driver.text("#cut-effect"))
    assert driver.screen._question.answers["raw"].correct is not None
    # Mouse, another picture, another question.
    layers.value = "all"
    picker = panel.query_one(CellPicker)
    there = picker.cells
    await driver.pilot.click(CellPicker, offset=(picker.size.width // 2, 1))
    assert len(picker.cells ^ there) == 1
    driver.screen.query_one(CellPicker).focus()
    await driver.press("v")
    assert panel.is_open and panel._variant == "masked"
    key = driver.screen._question.key
    await driver.press("full_stop")
    assert driver.screen._question.key != key and panel._plain.key == driver.screen._question.key
    await driver.press("escape")
    assert not panel.is_open and not driver.screen.has_class("-cutting")
    with connect(database, read_only=False) as connection:
        connection.execute("UPDATE run SET weights_hash = 'x' || weights_hash")
    await driver.press("X", "space")
    await until(driver, lambda: "another model" in driver.text("#cut-effect"))
    with connect(database, read_only=False) as connection:
        connection.execute("UPDATE run SET weights_hash = substr(weights_hash, 2)")


@pytest.mark.slow
async def test_a_cut_changes_the_answer_in_place_and_is_kept_or_thrown_away(drive, answered):
    async with drive(answered, "4", "X") as driver:
        screen = driver.screen
        panel, plain = screen.query_one(CutPanel), screen._question
        before = plain.answers["raw"].probabilities
        await driver.press("right", "down", "space")
        assert panel.query_one(CellPicker).cells == {9}  # of 8 x 8
        await until(driver, lambda: panel.view is not None)
        assert screen._question.answers["raw"].probabilities != before
        assert screen._question.maps["raw"].weights(0)[9] == 0 != plain.maps["raw"].weights(0)[9]
        assert "log-odds of the right option" in driver.text("#cut-effect")
        assert "5 matched random sets" in driver.text("#cut-effect")
        # A region instead, in one layer; what is quick follows every change.
        panel.query_one("#cut-layers", Input).value = "1-2"
        shown = panel.view
        panel.query_one("#cut-region", Choices).value = ("target",)
        panel.query_one("#cut-region", Choices).post_message(
            Choices.Changed(panel.query_one("#cut-region", Choices))
        )
        await until(driver, lambda: panel.view is not None and panel.view is not shown)
        name = "target-answer-layers-1-2"
        await until(driver, lambda: panel.view.edited.planned[0][0].intervention == name)
        await driver.press("ctrl+s")
        await until(driver, lambda: "answers under target-answer-layers-1-2" in driver.notices[-1])
        await driver.press("escape")
        assert not panel.is_open and screen._question.answers["raw"].probabilities == before
        assert screen._question.run == "first"
        await refuse_in_the_panel(driver, answered)
    kept = query(
        answered,
        "select scene_id, question_index, variant, intervention, option_logprobs from answer "
        "where intervention <> 'none' order by all",
    ).rows
    assert len({row[:3] for row in kept}) == 1 and len(kept) >= 2
    # The command goes on from there, and gives the same numbers under another name.
    for name in (None, "again"):
        request = CutRequest(run="first", region="target", layers="1-2", name=name)
        outcome = cut(answered, request, NullProgress())
        assert outcome.n_answered == outcome.n_planned - (len(kept) if name is None else 0)
    assert most_apart(answered, "target-answer-layers-1-2", "again") < 1e-4


@pytest.mark.slow
async def test_the_panel_says_what_is_waited_for(drive, answered, monkeypatch):
    with connect(answered, read_only=False) as connection:
        connection.execute("DELETE FROM attention_fill")
    said: list[str] = []
    say = CutPanel._say
    monkeypatch.setattr(CutPanel, "_say", lambda panel, what: (said.append(str(what)), say(panel, what)))
    async with drive(answered, "4", "X") as driver:
        panel = driver.screen.query_one(CutPanel)
        await driver.press("space")  # the model is loaded for the first one
        await until(driver, lambda: panel.view is not None)
        assert any(what.startswith("Asking the model …") for what in said)
        assert not any("sinks" in what for what in said)
        monkeypatch.setattr("relcli.tui.cutting.panel._SAY_AFTER_S", 0.001)
        choose(panel, "#cut-region", "sink")
        await until(driver, lambda: any("sinks are computed anew, relcli db fill" in what for what in said))
        await until(driver, lambda: "Asking" not in driver.text("#cut-effect"))


def most_apart(database: Path, one: str, other: str) -> float:
    """How far the log-probabilities under two interventions and their controls differ, at most."""
    rows = query(
        database,
        "select count(*), max(abs(a - b)) from (select unnest(x.option_logprobs) a, "
        "unnest(y.option_logprobs) b from answer x join answer y on x.run = y.run "
        "and x.scene_id = y.scene_id and x.variant = y.variant and x.question_index = y.question_index "
        f"and y.intervention = replace(x.intervention, '{one}', '{other}') "
        f"where x.intervention like '{one}%' and x.intervention not like '{other}%')",
    ).rows
    assert rows[0][0] > 0
    return rows[0][1]


def choose(panel: CutPanel, field: str, value: str) -> None:
    """As a person chooses it."""
    choices = panel.query_one(field, Choices)
    choices.value = (value,)
    choices.post_message(Choices.Changed(choices))


@pytest.mark.slow
async def test_steering_changes_the_answer_in_place_and_is_kept_or_thrown_away(drive, answered):
    async with drive(answered, "4", "X") as driver:
        screen = driver.screen
        panel, plain = screen.query_one(CutPanel), screen._question
        before = plain.answers["raw"].probabilities
        await driver.press("tab", "right")
        assert panel.query_one("#steer-to").display and not panel.query_one("#cut-region").display
        assert panel.query_one("#cut-from", Choices).value == ("question",)
        choose(panel, "#steer-to", "target")
        await until(driver, lambda: panel.view is not None)
        assert screen._question.answers["raw"].probabilities != before
        cells = panel.query_one(CellPicker).cells
        drawn, unsteered = (
            sum(each.maps["raw"].weights(0)[cell] for cell in cells) for each in (screen._question, plain)
        )
        assert drawn > 1.5 * unsteered
        assert "3 matched random sets" in driver.text("#cut-effect")
        # Some heads alone, beside as many random ones and all of them.
        shown = panel.view
        panel.query_one("#cut-heads", Input).value = "1.0,2.1"
        await until(driver, lambda: panel.view is not shown)
        assert "all heads" in driver.text("#cut-effect")
        name = "steer-target-3-heads-1.0-2.1"
        assert panel.view.edited.planned[0][0].intervention == name
        await driver.press("ctrl+s")
        await until(driver, lambda: f"5 answers under {name}" in driver.notices[-1])
        # Picked cells, the other way; then what can't be.
        strength = panel.query_one("#cut-strength", Input)
        strength.value = "-1.5"
        choose(panel, "#steer-to", "cells")
        await until(driver, lambda: panel.view.edited.planned[0][0].intervention.startswith("steer-cells-"))
        refused = {"0": "0 changes nothing", "x": "such as 3", "nan": "not nan", "2e3": "1000.0"}
        for value, says in refused.items():
            strength.value = value
            strength.focus()
            await driver.press("enter")
            await until(driver, lambda says=says: says in driver.text("#cut-effect"))
        assert screen._question.answers["raw"].probabilities == before
        await driver.press("escape")
        assert not panel.is_open
    kept = query(
        answered,
        "select a.intervention, kind, strength, region, from_rows, layer_heads, control_of "
        "from answer a join intervention using (intervention) where kind = 'steer' order by a.intervention",
    ).rows
    beside = ["", "/all-heads", "/random-1", "/random-2", "/random-3"]
    assert [row[0].removeprefix(name) for row in kept] == beside
    assert kept[0][1:] == ("steer", 3.0, "target", "question", ["1.0", "2.1"], None)
    assert {row[6] for row in kept[2:]} == {name}
    for other in (None, "again"):
        request = SteerRequest(run="first", heads="1.0,2.1", name=other)
        outcome = steer(answered, request, NullProgress())
        assert outcome.n_answered == outcome.n_planned - (len(kept) if other is None else 0)
    assert most_apart(answered, name, "again") < 1e-4


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Cutting(region="cells", cells=frozenset({1})), "choose a region"),
        (Drawing(), "Only cuts are swept"),
    ],
)
def test_what_has_no_sweep_is_said(asked, says):
    question: Any = SimpleNamespace(run="first", category="count")
    with pytest.raises(RelcliError, match=says):
        cut_command(question, "raw", asked)


def test_a_sweep_is_the_command_a_person_would_type():
    question: Any = SimpleNamespace(run="first", category="count")
    words = cut_command(question, "masked", Cutting(source="question", layers="1-2", heads="0.1"))
    assert shlex.join(words) == (
        "cut --run first --region target --from question --layers each --heads 0.1 --category count "
        "--variants masked --name count-target-question-layers-each-heads-0.1"
    )
    assert "window:2" in cut_command(question, "raw", Cutting(layers="window:2"))
    question.variants = ["raw", "masked", "changed"]
    assert shlex.join(patch_command(question)) == (
        "patch --run first --from changed --category count --name count-patch-changed-raw-residual-answer"
    )
    question.variants = ["raw", "blank"]
    with pytest.raises(RelcliError, match="no such pair"):
        patch_command(question)


@pytest.mark.slow
async def test_a_sweep_over_layers_is_a_job_with_a_curve(drive, answered):
    async with drive(answered, "4", "X") as driver:
        panel = driver.screen.query_one(CutPanel)
        await driver.press("f6")  # cells are picked for one picture: only what there is can be looked at
        dialog = driver.app.screen
        assert isinstance(dialog, SweepsDialog) and "choose a region" in driver.notices[-1]
        assert [*dialog._offered] == ["patch from the twin"] and not driver.app.jobs.jobs
        assert "No sweep over layers yet" in str(dialog.query_one("#sweep").render())
        await driver.press("escape")
        choose(panel, "#cut-region", "image")
        await driver.press("f6", "f5")
        dialog = driver.app.screen
        [job] = driver.app.jobs.jobs
        assert tuple(job.arguments[:5]) == ("cut", "--run", "first", "--region", "image")
        # It goes on when the window is closed, and is found again.
        await driver.press("escape", "f6", "f5")
        dialog = driver.app.screen
        assert "on its way already" in driver.notices[-1] and driver.app.jobs.jobs == [job]
        await until(driver, lambda: not job.active and dialog._found)
        assert job.state == "done", job.sentence
        [sweep] = dialog._found.values()
        assert [step.layer for step in sweep.steps] == [0, 1, 2, 3]
        assert sweep.name in str(dialog.query_one("#sweep").render())
        assert "95% over scenes" in str(dialog.query_one("#signs").render())
        assert dialog.query_one(SweepCurve)._sweep == sweep
        # It stands beside the probes' curves, too.
        await driver.press("escape", "escape", "6", "f6")
        await until(driver, lambda: isinstance(driver.app.screen, SweepsDialog) and driver.app.screen._found)
        assert list(driver.app.screen._found.values()) == [sweep]
        await driver.press("f5")
        assert "X there" in driver.notices[-1]
    kept = query(
        answered, "select layer, mean_change from cut_by_layer where run = 'first' order by layer"
    ).rows
    assert kept == [(step.layer, step.value) for step in sweep.steps]
