"""Screen 7: what the form asks for is what is started; what became of it is seen there."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from relcli.errors import UsageError
from relcli.jobs.importing.pictures import import_pictures
from relcli.jobs.request import RunRequest
from relcli.options.declaration import options_of
from relcli.options.run import RunOptions
from relcli.progress import NullProgress
from relcli.results.runs import Inventory
from relcli.scenes.vocabulary import CATEGORIES
from relcli.tui.launch.form import LaunchForm
from relcli.tui.launch.request import arguments, check, defaults, remembered, to_remember
from relcli.tui.widgets.table import Table
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from tests.cli.own_kit import make_pictures
from tests.tui.tui_driver import SMALL, Driver


def test_choices_are_remembered_but_for_the_name():
    chosen = {"name": "mine", "model": "a/b", "categories": ("count",), "max_samples": "9"}
    kept = to_remember(chosen, {"model": "c"})
    assert kept == {"model": "a/b", "categories": ["count"], "max_samples": "9"}
    assert remembered(kept) == {"model": "a/b", "categories": ("count",), "max_samples": 9}
    assert to_remember({"model": "c"}, {"model": "c"}) == {}


def test_what_was_remembered_may_be_nonsense():
    kept = {"model": ["x"], "variants": 7, "categories": 7, "what": 1, "resume": True}
    assert remembered(kept) == {}


def test_settings_file_and_environment_are_where_the_form_begins(tmp_path, monkeypatch):
    file = tmp_path / "config.toml"
    file.write_text('model = "at/top"\n[run]\nmax-samples = 9\nvariants = "raw,blank"\n')
    monkeypatch.setenv("RELCLI_CONFIG", str(file))
    monkeypatch.setenv("RELCLI_RUN_DATASET", "mine")
    found = defaults()
    assert found == {"model": "at/top", "max_samples": 9, "variants": ("raw", "blank"), "dataset": "mine"}
    assert arguments(found, found) == ["run"]
    asked = {"max_samples": "9", "variants": ("raw", "masked")}
    assert arguments(asked, found) == ["run", "--variants", "raw,masked"]
    monkeypatch.setenv("RELCLI_RUN_MAX_SAMPLES", "some")
    with pytest.raises(UsageError, match="--max-samples takes a whole number, not 'some'"):
        defaults()


async def test_the_form_has_the_declared_fields_with_their_defaults(drive, warehouse):
    async with drive(warehouse, "7") as driver:
        form = driver.screen.query_one(LaunchForm)
        for each in options_of(RunOptions):
            fields = driver.screen.query(f"#{each.name}")
            assert bool(fields) == bool(each.form), each.name
            if each.form and each.help:
                assert form.hint(fields.first()) == f"{each.flag}: {each.help.replace('`', '')}"
        form.query_one("#dtype").focus()
        await driver.settle()
        assert driver.text("#hint").split()[:3] == form.hint(form.query_one("#dtype")).split()[:3]
        assert RunRequest(**form.value) == RunRequest()


async def test_own_pictures_lend_the_form_their_variants_and_categories(drive, tmp_path):
    database = tmp_path / "own.duckdb"
    images, questions, boxes = make_pictures(tmp_path, 2)
    import_pictures(database, images, questions, boxes, "tables", NullProgress())
    async with drive(database, "7") as driver:
        await driver.settle()
        form: Any = driver.screen.query_one("LaunchForm")
        usual = form.value
        fill(driver, dataset="tables")
        await driver.settle()
        names = ("variants", "categories", "questions")
        offered = {name: form.query_one(f"#{name}").offered for name in names}
        assert offered == {
            "variants": ("raw", "masked", "swapped", "blank"),
            "categories": ("pictures", "side"),
            "questions": ("", "own"),
        }
        assert form.value == usual | {"dataset": "tables"}  # all of its categories are what no word means
        fill(driver, categories=("side",), variants=("raw", "swapped"))
        assert "run --dataset tables --category side --variants raw,swapped" in driver.screen._typed
        fill(driver, dataset="bundled")
        await driver.settle()
        assert form.query_one("#categories").offered == CATEGORIES
        assert (form.value["variants"], form.value["categories"]) == (("raw",), CATEGORIES)


async def test_what_was_remembered_of_own_pictures_is_there_again(drive, warehouse, monkeypatch):
    monkeypatch.setenv("RELCLI_RUN_QUESTIONS", "own")
    monkeypatch.setenv("RELCLI_RUN_VARIANTS", "raw,swapped")
    async with drive(warehouse, "7") as driver:
        assert driver.screen.query_one("LaunchForm").value["variants"] == ("raw",)  # bundled has no others


def fill(driver: Driver, **values: object) -> None:
    for name, value in values.items():
        field: Any = driver.screen.query_one(f"#{name}")
        field.value = value


def rows(driver: Driver) -> list[list[str]]:
    table = driver.screen.query_one("#jobs", Table)
    return [[str(cell) for cell in table.get_row(key)] for key in table.keys]


async def over(driver: Driver) -> None:
    while driver.app.jobs.active:
        await asyncio.sleep(0.1)
    await driver.settle()


@pytest.mark.slow
async def test_keys_fill_the_form_and_the_command_follows(drive, warehouse):
    async with drive(warehouse, "7") as driver:
        assert driver.text("#command") == "$ relcli run --db kit.duckdb"
        await driver.press("tab", "down")  # the list of models
        await driver.write("2b")
        await driver.press("enter")
        await driver.press("tab", "down", "down", "enter")  # of data sets: bundled, kit-scenes
        await driver.press("tab", "right")
        await driver.press("tab", "down", "space")  # the second category out
        await driver.press("tab", "right", "right", "space")
        await driver.press("tab", "1", "2")
        expected = (
            "relcli run --model Qwen/Qwen3-VL-2B-Instruct --dataset kit-scenes --questions seed "
            + " ".join(f"--category {name}" for name in CATEGORIES if name != CATEGORIES[1])
            + " --variants raw,masked,blank --max-samples 12 --db kit.duckdb"
        )
        assert driver.text("#command") == f"$ {expected}"
        await driver.press("escape", "y")
        assert driver.app.clipboard == expected


def test_a_question_set_that_the_data_lacks_is_named():
    known = Inventory(datasets=({"dataset": "mine", "question_sets": ["seed"]},))
    with pytest.raises(UsageError, match="mine has no balanced questions; it has seed"):
        check({"dataset": "mine", "questions": "balanced"}, {}, known)


WRONG = {
    "--max-samples takes a whole number, not 'many'.": {"max_samples": "many"},
    "--max-samples must be from 1 to": {"max_samples": "0"},
    "exclude each other": {"max_samples": "3", "sample_index": "1"},
    "No category is named; --category takes": {"categories": ()},
    "No variant is named; --variants takes": {"variants": ()},
    "There is no model folder './nowhere'": {"model": "./nowhere"},
    "No model is named": {"model": ""},
    "There is no data set 'elsewhere'": {"dataset": "elsewhere"},
    "There is a run study-4b already": {"name": "study-4b"},
    "'a/b' can't name a run": {"name": "a/b"},
}


@pytest.mark.slow
async def test_what_is_wrong_is_said_before_anything_starts(drive, warehouse):
    async with drive(warehouse, "7") as driver:
        right = {
            name: driver.screen.query_one(f"#{name}").value for wrong in WRONG.values() for name in wrong
        }
        for sentence, wrong in WRONG.items():
            fill(driver, **{**right, **wrong})
            await driver.press("f5")
            assert sentence in driver.problem
        fill(driver, **right)
        await driver.settle()
        assert driver.problem == "" and not driver.app.jobs.jobs


@pytest.mark.slow
async def test_a_run_is_started_watched_and_opened(drive, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "config.toml"))
    async with drive(Path("new.duckdb"), "7", size=SMALL) as driver:
        assert not driver.screen.query_one("#right").display
        fill(driver, max_samples="2", categories=("recognition_color",), name="mine")
        await driver.press("enter")
        [job] = driver.app.jobs.jobs
        assert rows(driver)[0][:2] == ["▶ running", "run, mine"]
        assert driver.screen.check_action("cancel", ())
        await over(driver)
        assert job.state == "done", (job.sentence, list(job.tail))
        assert rows(driver) == [["✓ done", "run, mine", ""]]
        [(n, right)] = query(
            Path("new.duckdb"),
            "SELECT count(*), 100 * avg(correct::INT) FILTER (variant = 'raw') FROM inference",
        ).rows
        detail = driver.text("#lines")
        assert f"answers {n}" in detail
        [line] = [line for line in detail.splitlines() if line.startswith("recognition_color")]
        assert f"{right:.1f}" in line
        await driver.press("enter")
        assert driver.screen.tab == "overview" and "mine" in driver.screen.subtitle
    async with drive(Path("new.duckdb"), "7") as driver:
        assert driver.text("#command") == (
            "$ relcli run --category recognition_color --max-samples 2 --db new.duckdb"
        )
        fill(driver, name="mine")
        await driver.press("f5")
        assert "There is a run mine already" in driver.problem


@pytest.mark.slow
async def test_one_job_crashes_and_the_one_under_the_cursor_is_cancelled(drive, warehouse):
    Path("broken").mkdir()
    Path("broken/queries.json").write_text("[{")
    async with drive(warehouse, "7") as driver:
        fill(driver, dataset="broken")
        await driver.press("f5")
        await over(driver)
        assert driver.app.focused is driver.screen.query_one("#jobs")
        assert "broken has no images/" in driver.text("#lines") and not driver.screen.check_action(
            "cancel", ()
        )
        long = driver.app.start_job("scenes", ["generate", "--out", "out", "--scenes", "100000"])
        while not long.done:
            await asyncio.sleep(0.05)
        await driver.press("up")
        assert "of 100,000 scenes" in driver.text("#lines") and "left" in driver.text("#lines")
        await driver.press("ctrl+x", "y")
        await over(driver)
        assert [row[0] for row in rows(driver)] == ["◼ stopped", "✗ failed"]


@pytest.mark.slow
async def test_a_run_that_stopped_goes_on(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("UPDATE run SET state = 'running', n_planned = 9999 WHERE run = 'study-4b'")
    async with drive(warehouse, "7") as driver:
        assert rows(driver)[0][:2] == ["◼ stopped", "study-4b"]
        assert "of 9,999 answers" in driver.text("#lines")
        await driver.press("R")
        [job] = driver.app.jobs.jobs
        assert job.arguments[:4] == ("run", "--name", "study-4b", "--resume")
        assert [row[1] for row in rows(driver)] == ["resume study-4b"]
        await over(driver)
        assert job.state == "done"
        assert not driver.screen.check_action("resume", ())


async def test_the_form_works_without_a_readable_warehouse(drive, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.duckdb").write_text("not a database, but long enough to look at\n" * 100)
    async with drive(Path("text.duckdb"), "7") as driver:
        assert "is not a DuckDB file" in driver.problem
        await driver.press("tab", "x")
        assert "--model bundledx" in driver.text("#command")


@pytest.mark.slow
async def test_any_size_and_the_mouse_will_do(drive, warehouse):
    async with drive(warehouse, "7", size=SMALL) as driver:
        for size in ((120, 40), (60, 20), (50, 10), SMALL):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
            assert driver.screen.query_one("#body").display == (size != (50, 10))
        driver.screen.query_one("#model").focus()
        await driver.settle()
        assert driver.text("#hint").startswith("--model: bundled, a folder")
        await driver.pilot.click("#variants", offset=(18, 0))
        await driver.settle()
        assert driver.screen.query_one("#variants").value == ("raw", "masked", "changed")
        await driver.pilot.click("#row-model Button")
        await driver.settle()
        assert driver.app.screen.query_one("OptionList").option_count == 3
