"""Screen 6: earlier probes are told as they were kept, and new ones are started, followed and cancelled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Select
from textual_plotext import PlotextPlot

from relcli.errors import UsageError
from relcli.results.probes import beats_controls
from relcli.tui.background.probed import probed_sentence
from relcli.tui.background.processes import Job
from relcli.tui.probes.curve import ProbeCurve
from relcli.tui.probes.form import ProbeForm
from relcli.tui.probes.request import arguments, check, features_words, labels_of
from relcli.tui.probes.text import name_of
from relcli.tui.widgets.table import Table
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from tests.tui.probe_kit import RUN, result
from tests.tui.tui_driver import SMALL


def lines(driver, selector: str) -> list[str]:
    """A table's rows as text."""
    table = driver.screen.query_one(selector, Table)
    return [" ".join(str(cell) for cell in table.get_row_at(row)) for row in range(table.row_count)]


def drawn(driver) -> str:
    """The curve as text."""
    plot = driver.screen.query_one("PlotextPlot")
    return "\n".join(plot.render_line(y).text for y in range(plot.size.height))


def test_options_with_their_default_are_left_out_of_the_command():
    assert arguments("r", {}) == ["probe", "--run", "r"]
    asked = {
        **{"categories": ("count",), "labels": ("counting",), "layers": "0,2-3", "features": "last_step"},
        **{"variant": "masked", "split": "row", "protocol": "relcli", "folds": "4", "seed": "7"},
    }
    assert " ".join(arguments("r", asked)) == (
        "probe --run r --category count --label counting --layers 0,2-3 --features last_step "
        "--variant masked --split row --folds 4 --seed 7"
    )
    assert "--folds" not in arguments("r", {"protocol": "seed", "folds": "4"})
    assert labels_of("count") == ("counting",) and len(set(labels_of(""))) == len(labels_of("")) > 25


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"layers": "some"}, "--layers takes"),
        ({"folds": "1"}, "--folds must be from 2 to 50, not 1"),
        ({"seed": "-1"}, "--seed must be from 0"),
        ({"categories": ("count",), "labels": ("has_red",)}, "has_red"),
        ({"row": "target", "features": "last_step"}, "--features goes with --row answer"),
    ],
)
def test_what_cannot_be_probed_is_refused_in_words(given, said):
    with pytest.raises(UsageError, match=said):
        check(given)


def test_a_tick_is_the_warehouses_and_not_of_what_was_not_tested():
    row = result("answer", 1, 0.99)
    assert beats_controls(row | {"beats_controls": True})
    assert not any(beats_controls(row | {"beats_controls": tick}) for tick in (None, False))
    assert (
        name_of({"category": "recognition_shape_and_color", "label": "queried_shape"})
        == "shape+color queried_shape"
    )


@pytest.mark.slow
async def test_earlier_probes_are_told_and_exported_as_they_were_kept(drive, probed):
    async with drive(probed, "6") as driver:
        assert driver.text("#way") == (
            "v 1 of 2  attention, first step · raw · split by row · seed protocol, one split, seed 0"
        )
        assert lines(driver, "#probes") == ["color answer 90 all 75.0  75.0"]
        await driver.press("v")
        assert driver.text("#way") == (
            "v 2 of 2  attention, mean · raw · split by scene · relcli protocol, 5 folds, seed 0"
        )
        assert lines(driver, "#probes") == [
            "color answer 90 1 ✓ 80.0 ± 2.0 50.0 85.0", "color concept 90 0 49.0 ± 2.0 50.0 55.0"
        ]  # fmt: skip
        assert lines(driver, "#by-layer") == [
            "0 50.0 ± 2.0 40.0 30.0 50.0  (0)  (0)",
            "1 80.0 ± 2.0 40.0 30.0 50.0 90.0 (70)  (20)",
            "2 60.0 ± 2.0 40.0 30.0 50.0  (0)  (0)",
            "all 85.0 ± 2.0 40.0 30.0 50.0  (0)  (0)",
        ]
        assert driver.text("#title") == "recognition_color · answer · 4 classes, 90 answers"
        await driver.press("down")
        assert "concept" in driver.text("#title")
        assert driver.screen.query_one(ProbeCurve)._rows[1]["accuracy"] == 0.5
        await driver.press("e")
        driver.app.screen.query_one("#target").value = "probe.csv"
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
    assert len(Path("probe.csv").read_text().splitlines()) == 1 + 4


async def test_curve_has_a_sign_for_everything(drive, probed):
    async with drive(probed, "6", "v") as driver:
        picture = drawn(driver)
        assert picture.count("●") == 3 and picture.count("◆") == 1 and picture.count("×") == 3
        assert all(sign in picture for sign in ("░", "─", "┄", "all", "80%"))
        points = [line.index("●") for line in picture.splitlines() if "●" in line]
        assert points[0] > min(points), "the highest accuracy is that of layer 1, not of layer 0"
        assert "published" not in driver.text("#signs")
        await driver.press("p")
        assert "◇" in drawn(driver) and "published" in driver.text("#signs")
        published, gap = query(
            probed,
            "SELECT accuracy_published, accuracy_difference FROM probe_versus_published "
            "WHERE probe = 'mean' AND label = 'answer' AND category = 'recognition_color'",
        ).rows[0]
        assert f"{published * 100:.1f}" in lines(driver, "#probes")[0]
        assert f"{abs(gap) * 100:.1f}" in lines(driver, "#probes")[0]
        assert "beside study" in driver.screen.subtitle
        await driver.press("p")
        assert "◇" not in drawn(driver)
        await driver.press("v")
        assert "░" not in drawn(driver) and "×" not in drawn(driver) and "◆" in drawn(driver)


@pytest.mark.slow
async def test_form_makes_the_command_that_is_copied(drive, probed):
    async with drive(probed, "6", "v", "down", "enter") as driver:
        form = driver.screen.query_one(ProbeForm)
        assert (form.category, form.label) == ("recognition_color", "concept")
        assert driver.screen.focused.id == "start" and driver.text("#hint") == ""
        command = "relcli probe --run study-4b --category recognition_color --label concept"
        assert driver.screen.copy_text() == f"{command} --db kit.duckdb"
        await driver.press_at_once("o", "tab", "tab")
        driver.screen.focused.value = "0,"
        await driver.write("x")
        assert "--layers 0,x" in driver.text("#command")
        await driver.press("f5")
        assert driver.problem.startswith("--layers takes") and not driver.app.jobs.jobs
        await driver.press_at_once("backspace", "2", "tab", "right", "tab")
        await driver.press_at_once("tab", "right", "tab", "right", "right")
        assert driver.screen.copy_text() == (
            f"{command} --layers 0,2 --features first_step --variant masked --split row --db kit.duckdb"
        )
        assert driver.problem == ""
        form.query_one("#categories", Select).value = "count"
        await driver.settle()
        assert form.label == "" and "--label" not in driver.text("#command")
        await driver.press("o", "escape")
        assert driver.screen.focused.id == "probes"


async def test_a_probe_is_started_followed_and_shown(drive, warehouse):
    """A real child process, on the invented attention that follows what is asked about."""
    async with drive(warehouse, "6") as driver:
        assert "not probed yet" in driver.screen.subtitle and "Nothing was probed" in driver.text("#title")
        form = driver.screen.query_one(ProbeForm)
        form.choose("recognition_color", "answer")
        form.query_one("#layers").value = "4"
        await driver.settle()
        await driver.press("f5", "f5")
        [job] = driver.app.jobs.jobs
        assert "runs already" in driver.problem
        assert driver.screen.check_action("cancel", ()) and driver.screen.query_one("#progress").display
        while job.active:
            await driver.pilot.pause(0.1)
        assert job.state == "done", job.sentence
        await driver.settle()
        rows = query(warehouse, "SELECT layer, accuracy FROM probe_result WHERE subset = 'all'").rows
        assert [layer for layer, _ in rows] == [4]
        assert "color answer" in lines(driver, "#probes")[0]
        assert f"{rows[0][1] * 100:.1f}" in lines(driver, "#by-layer")[0]
        assert "✓ done" in driver.text("#progress")


@pytest.mark.slow
async def test_a_probe_is_cancelled(drive, warehouse):
    async with drive(warehouse, "6", "f5") as driver:
        [job] = driver.app.jobs.jobs
        while not job.notes and not job.total:
            await driver.pilot.pause(0.05)
        await driver.press("ctrl+x", "y")
        while job.active:
            await driver.pilot.pause(0.05)
        assert job.state in ("stopped", "done")
        await driver.settle()
        assert "stopped" in driver.text("#progress") or job.state == "done"
        assert not driver.screen.check_action("cancel", ())


@pytest.mark.slow
async def test_a_run_without_attention_says_so_and_its_probe_why_not(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("DELETE FROM answer_attention")
        connection.execute("UPDATE run SET attention = 'none'")
    async with drive(warehouse, "6") as driver:
        assert f"The run {RUN} kept no attention" in driver.problem
        await driver.press("f5")
        [job] = driver.app.jobs.jobs
        while job.active:
            await driver.pilot.pause(0.1)
        await driver.settle()
        assert job.state == "failed" and "nothing to probe" in job.sentence
        assert job.sentence in driver.text("#progress")


@pytest.mark.slow
async def test_small_screen_has_form_list_curve_and_table_in_turn(drive, probed):
    async with drive(probed, "6", "v", size=SMALL) as driver:

        def shown() -> Iterator[str]:
            for name in ("#left", "#probes", "ProbeCurve", "#by-layer"):
                if driver.screen.query_one(name).region:
                    yield name

        assert list(shown()) == ["#probes", "ProbeCurve"]
        await driver.press("d")
        assert list(shown()) == ["#probes", "#by-layer"]
        await driver.press("o")
        assert list(shown()) == ["#left"]
        await driver.press("escape", "d")
        assert list(shown()) == ["#probes", "ProbeCurve"] and driver.screen.focused.id == "probes"
        await driver.pilot.resize_terminal(120, 40)
        await driver.settle()
        assert len(list(shown())) == 4


@pytest.mark.slow
async def test_warehouse_emptied_and_run_changed_while_open(drive, probed):
    async with drive(probed, "6") as driver:
        driver.app.selection.open_run("small-2b")
        await driver.press("r")
        assert "small-2b · not probed yet" in driver.screen.subtitle and lines(driver, "#probes") == []
        with connect(probed, read_only=False) as connection:
            connection.execute("DELETE FROM run")
        await driver.press("r", "v", "p")
        assert "no longer in the warehouse" in driver.problem
        probed.unlink()
        await driver.press("r")
        assert "kit.duckdb" in driver.problem


def test_what_is_probed_is_said_in_words():
    said = {
        "mean_heads": "attention, mean",
        "last_step": "attention, last step",
        "target_next": "attention of the target next row",
        "hidden": "hidden states",
        "hidden_target_next": "hidden states of the target next row",
    }
    assert {name: features_words(name) for name in said} == said


@pytest.mark.slow
async def test_without_a_run_there_is_no_empty_frame(drive, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with drive(Path("none.duckdb"), "6", size=SMALL) as driver:
        assert "There is no run yet" in driver.problem
        plot = driver.screen.query_one(PlotextPlot)
        assert not "".join(plot.render_line(y).text for y in range(plot.size.height)).strip()


def test_a_job_says_how_many_probes_were_left_out_and_why():
    notes = [
        "Not probed: recognition_color has no answers with attention.",
        "Not probed: explicit_arrow_direction.target_combo has too few rows (51 in 24 classes).",
        "Not probed: implicit_spatial.combo has too few rows (3 in 2 classes).",
        "Not probed: explicit_arrow_direction.same_color has one class only (no) in 48 rows.",
        "7 answers of count have no attention.",
    ]
    job = Job("probe all labels", ("probe",), state="done", total=238, result={"probes": 175})
    job.notes.extend(notes)
    assert job.sentence == (
        "175 probes; 63 of 238 left out: too few rows, no answers with attention, one class only"
    )
    assert probed_sentence(1, 1, notes) == "1 probe"
    assert probed_sentence(1200, 1300, []) == "1,200 probes; 100 of 1,300 left out"
