"""What somebody asked for is not lost, not done twice, and no key ends the application by surprise."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual.widgets import Input

from relcli.tui.background.dialog import JobsDialog
from relcli.tui.frame.export_dialog import ExportDialog, OverwriteDialog
from relcli.tui.frame.registry import ENTRIES
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.sql.editor import SqlEditor
from relcli.warehouse.opening import connect
from tests.tiers import quick_where


async def ended(driver) -> None:
    while driver.app.jobs.active:
        await driver.pilot.pause(0.05)
    await driver.settle()


@pytest.fixture
def tiny_run(warehouse, tiny_model):
    """The warehouse, its first run by a model that is there."""
    with connect(warehouse, read_only=False) as connection:
        connection.execute("UPDATE run SET model = ?, revision = NULL, dtype = 'float32'", [str(tiny_model)])
    return warehouse


@pytest.mark.slow
async def test_an_own_answer_waits_while_one_looks_elsewhere(drive, tiny_run):
    """Asked on one question; the answer comes while another one, and another screen, is looked at."""
    async with drive(tiny_run, "4", "a") as driver:
        await driver.write("Is there a red circle")
        await driver.press("enter", "n")
        key = driver.screen._question.key
        await ended(driver)
        assert driver.screen._question.key == key and driver.screen._question.run == "study-4b"
        [job] = driver.app.jobs.jobs
        assert job.answer is not None and "J, then enter" in driver.notices[-1]
        await driver.press("2", "J", "enter")
        assert driver.screen.tab == "question" and not isinstance(driver.app.screen, JobsDialog)
        assert driver.screen._question.run is None and "red circle" in driver.text("#question")
        await driver.press("2", "4")
        assert "red circle" in driver.text("#question"), "it stays while one looks at another screen"
        await driver.press("escape")
        assert driver.screen._question.key == key and driver.screen._question.run == "study-4b"
        await driver.press("7")
        driver.screen.query_one("#jobs").focus()
        await driver.press("enter")
        assert driver.screen.tab == "question" and driver.screen._question.run is None
        await driver.press("n")
        assert driver.screen._question.run == "study-4b"


async def test_export_asks_before_it_writes_over_a_file(drive, warehouse):
    there = Path("out.csv").absolute()
    there.write_text("somebody's own")
    async with drive(warehouse, "e") as driver:
        driver.app.screen.query_one("#target", Input).value = "out.csv"
        await driver.press("enter")
        assert isinstance(driver.app.screen, OverwriteDialog)
        await driver.press("n")
        assert isinstance(driver.app.screen, ExportDialog) and there.read_text() == "somebody's own"
        assert driver.app.screen.query_one("#target", Input).value == "out.csv"
        await driver.press("enter", "escape", "enter", "y")
        await driver.app.workers.wait_for_complete()
        await driver.settle()
        assert str(there) in driver.notices[-1]
        assert there.read_text().startswith("run,")


@pytest.mark.parametrize("typed", ["~/mine.csv", "mine.csv", "~no such person/mine.csv"])
@pytest.mark.slow
async def test_export_names_the_whole_path(drive, warehouse, typed, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    async with drive(warehouse, "e") as driver:
        driver.app.screen.query_one("#target", Input).value = typed
        await driver.settle()
        shown = str(driver.app.screen.query_one("#full").render())
        assert shown == str(Path(os.path.expanduser(typed)).absolute())
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
        assert shown in driver.notices[-1] or "There is no folder" in driver.notices[-1]


async def test_ctrl_c_copies_in_the_editor_and_never_quits_there(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        editor = driver.screen.query_one(SqlEditor)
        editor.text = "FROM run"
        editor.focus()
        await driver.press("ctrl+c")
        assert driver.app.is_running and "ctrl+q" in driver.notices[-1]
        editor.select_all()
        await driver.press("ctrl+c")
        assert driver.app.clipboard == "FROM run" and driver.app.is_running
        assert driver.app.return_code is None and driver.app._exit is False


@pytest.mark.parametrize(
    ("keys", "field"),
    quick_where(
        [(("3", "slash"), "#text"), (("7", "tab"), "#model"), (("e",), "#target")],
        lambda case: case[1] == "#text",
    ),
)
async def test_ctrl_c_never_quits_from_a_field(drive, warehouse, keys, field):
    async with drive(warehouse, *keys) as driver:
        typed = driver.app.screen.query_one(field, Input)
        typed.focus()
        typed.value = "words"
        await driver.press("ctrl+c")
        assert driver.app._exit is False
        typed.select_all()
        await driver.press("ctrl+c")
        assert driver.app.clipboard == "words" and driver.app._exit is False


async def test_ctrl_c_quits_elsewhere(drive, warehouse):
    async with drive(warehouse) as driver:
        await driver.pilot.press("ctrl+c")
        assert driver.app._exit


@pytest.mark.slow
async def test_a_run_is_never_resumed_twice_at_a_time(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("UPDATE run SET state = 'stopped', n_planned = 9999 WHERE run = 'study-4b'")
    async with drive(warehouse) as driver:
        await driver.press_at_once("R", "R")
        await driver.press("7")
        driver.screen._resume("study-4b")
        driver.app.start_job("again", ["run", "--resume", "--name", "study-4b"])
        await driver.pilot.pause()
        assert len(driver.app.jobs.jobs) == 1 and "on its way already" in driver.notices[-1]
        await ended(driver)
        again = driver.app.start_job("again", ["run", "--resume", "--name", "study-4b"])
        assert driver.app.jobs.jobs == [driver.app.jobs.jobs[0], again], "once it is over it can be"
        await ended(driver)


@pytest.mark.parametrize(
    "name",
    quick_where((entry.name for entry in ENTRIES if entry.name != "runs"), lambda name: name == "questions"),
)
async def test_a_screen_may_be_asked_before_it_is_there(drive, warehouse, name):
    """As by the clock that looks at the file, or by fast fingers."""
    async with drive(warehouse) as driver:
        driver.app.go(name)
        screen = driver.app.work_screen
        assert name == screen.tab and not screen.is_mounted
        os.utime(warehouse)
        driver.app.look_at_file()
        for action in ("refresh", "export", "copy", "help", "cancel_job"):
            await driver.app.run_action(action)
        for binding in screen._bindings.key_to_bindings:
            await driver.app._check_bindings(binding)
        screen.warehouse_changed()
        screen.show_problem("something")
        screen.reload()
        driver.app.action_back()
        await driver.settle()
        assert driver.app.is_running and isinstance(driver.app.work_screen, WorkScreen)
        driver.app.go(name)
        await driver.settle()
        assert name == driver.app.work_screen.tab and driver.app.is_running


@pytest.mark.slow
async def test_screens_that_are_changed_while_they_load_survive(drive, warehouse):
    async with drive(warehouse) as driver:
        for entry in ENTRIES:
            driver.app.go(entry.name)
            os.utime(warehouse)
            driver.app.look_at_file()
            await asyncio.sleep(0)
        await driver.settle()
        assert driver.app.is_running


def test_a_run_that_is_not_there_is_refused_in_the_shell(warehouse):
    process = subprocess.run(
        [sys.executable, "-m", "relcli", "tui", "stduy-4b", "--db", str(warehouse)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2 and process.stdout == ""
    assert process.stderr == (
        "relcli: There is no run stduy-4b in kit.duckdb; there are study-4b, small-2b.\n"
    )
