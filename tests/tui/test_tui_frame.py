"""What all screens share: the way between them, help, export, settings, and sentences for what is wrong."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from textual.widgets import OptionList

from relcli.tui.background.dialog import QuitDialog
from relcli.tui.background.processes import Job
from relcli.tui.frame.help import HelpDialog
from relcli.tui.frame.registry import ENTRIES
from relcli.tui.frame.settings import TuiSettings, load_settings, save_settings
from relcli.tui.frame.store import Store
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from tests.tiers import quick_where
from tests.tui.warehouse_kit import add_run, scenes_dataset

_HOLD = "import duckdb, sys; c = duckdb.connect('kit.duckdb'); print('x', flush=True); sys.stdin.read()"
BROWSED = [entry for entry in ENTRIES if entry.name in ("runs", "overview", "questions", "question")]


@pytest.mark.slow
async def test_keys_go_to_screens_and_escape_comes_back(drive, warehouse):
    async with drive(warehouse) as driver:
        for entry in BROWSED[1:]:
            await driver.press(entry.key)
            assert entry.name == driver.screen.tab
        await driver.press("escape", "escape")
        assert driver.screen.tab == "overview"
        await driver.press("escape", "escape", "escape")
        assert driver.screen.tab == "runs"


@pytest.mark.slow
async def test_tabs_can_be_clicked(drive, warehouse):
    async with drive(warehouse) as driver:
        await driver.pilot.click("TabBar", offset=(14, 0))
        await driver.settle()
        assert driver.screen.tab == "overview"


@pytest.mark.slow
async def test_help_names_the_keys_of_the_screen(drive, warehouse):
    async with drive(warehouse, "3", "f1") as driver:
        help_text = driver.app.screen.keys
        for words in ("Right/wrong", "Flipped", "Find", "Export", "Quit", "Screens"):
            assert words in help_text
        assert isinstance(driver.app.screen, HelpDialog)
        await driver.press("f1")
        assert driver.app.screen is driver.screen
        await driver.press("5", "d", "f1")
        lines = driver.app.screen.keys.splitlines()
        assert [line.split() for line in lines if "Choose layer" in line] == [[*"←→↑↓", "Choose", "layer"]]


@pytest.mark.parametrize("entry", BROWSED, ids=lambda entry: entry.name)
def test_every_screen_explains_itself(entry):
    screen = entry.make()
    assert entry.screen == screen.NAME and len(screen.HELP) > 100


@pytest.mark.slow
async def test_the_palette_goes_to_a_screen(drive, warehouse):
    async with drive(warehouse) as driver:
        await driver.press("ctrl+p")
        await driver.write("questions")
        await driver.pilot.pause(0.3)
        await driver.press("enter")
        assert driver.screen.tab == "questions"


@pytest.mark.slow
async def test_rows_are_exported_as_csv_json_and_parquet(drive, warehouse):
    async with drive(warehouse, "3", "w") as driver:
        for name in ("out.csv", "out.json", "out.parquet"):
            await driver.press("e")
            driver.app.screen.query_one("#target").value = name
            await driver.press("enter")
            await driver.app.workers.wait_for_complete()
        assert driver.app.settings.export_format == "parquet"
        await driver.press("e")
        driver.app.screen.query_one("#target").value = "nowhere/out.csv"
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
        assert f"There is no folder {Path.cwd() / 'nowhere'}" in driver.notices[-1]
    wrong = "SELECT count(*) FROM inference WHERE run = 'study-4b' AND variant = 'raw' AND NOT correct"
    [(n,)] = query(warehouse, wrong).rows
    assert len(json.loads(Path("out.json").read_text())) == n
    assert len(Path("out.csv").read_text().splitlines()) == n + 1
    assert query(warehouse, "SELECT count(*) FROM 'out.parquet'", allow_external=True).rows == [(n,)]
    assert sorted(path.name for path in Path().iterdir() if path.is_file() and ".lock" not in path.name) == [
        "kit.duckdb", "out.csv", "out.json", "out.parquet",
    ]  # fmt: skip


async def test_copying_takes_what_the_cursor_is_on(drive, warehouse):
    async with drive(warehouse, "down", "y") as driver:
        assert driver.app.clipboard == "small-2b"
        await driver.press("2", "y")
        assert driver.app.clipboard.startswith("| category | n | raw |")


async def test_theme_is_kept(drive, warehouse):
    async with drive(warehouse) as driver:
        driver.app.theme = "nord"
        await driver.settle()
    async with drive(warehouse) as driver:
        assert driver.app.theme == "nord"


def test_broken_settings_keep_their_defaults(tmp_path):
    file = tmp_path / "tui.json"
    file.write_text('{"theme": 7, "strength": 0.5, "other": 1}')
    assert load_settings(file) == TuiSettings(strength=0.5)
    file.write_text("{not json")
    assert load_settings(file) == TuiSettings()
    assert save_settings(TuiSettings(theme="nord"), file) is None
    assert load_settings(file).theme == "nord"
    sentence = save_settings(TuiSettings(), file / "below" / "tui.json")
    assert sentence is not None and "can't be kept" in sentence


@pytest.mark.slow
async def test_small_terminals_are_told_and_can_grow(drive, warehouse):
    async with drive(warehouse, "4", size=(50, 12)) as driver:
        assert driver.screen.query_one("#too-small").display
        assert not driver.screen.query_one("#body").display
        for size in ((80, 24), (200, 60), (80, 24)):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
            assert driver.screen.query_one("#body").display
            assert not driver.screen.query_one("#too-small").display


@pytest.mark.parametrize("keys", quick_where(["1", "3", "5 down", "7 tab"], lambda keys: keys == "1"))
async def test_what_had_the_keys_has_them_again_when_a_terminal_grows(drive, warehouse, keys):
    async with drive(warehouse, *keys.split(), size=(80, 24)) as driver:
        had = driver.app.focused
        assert had is not None
        for size in ((20, 5), (80, 24)):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
        assert driver.app.focused is had


async def test_screens_of_a_run_say_that_there_is_none(drive, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with drive(Path("none.duckdb"), "2") as driver:
        for key in "234":
            await driver.press(key)
            assert "There is no run yet" in driver.problem


async def test_a_file_that_is_no_warehouse_is_named(drive, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.duckdb").write_text("not a database, but long enough to look at\n" * 100)
    async with drive(Path("text.duckdb")) as driver:
        assert "text.duckdb is not a DuckDB file" in driver.problem


async def test_a_newer_warehouse_is_refused(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("INSERT INTO schema_migration VALUES (9999, 'future', now()::TIMESTAMP, '99')")
    async with drive(warehouse) as driver:
        assert "schema version 9999" in driver.problem and "upgrade relcli" in driver.problem


async def test_a_locked_warehouse_names_its_holder_and_recovers(drive, warehouse, monkeypatch):
    monkeypatch.setattr("relcli.tui.frame.store.PATIENCE_S", 0.2)
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdin and holder.stdout
    holder.stdout.readline()
    try:
        async with drive(warehouse) as driver:
            assert f"{holder.pid}" in driver.problem
            holder.stdin.close()
            holder.wait()
            await driver.press("r")
            assert driver.problem == ""
            assert driver.screen.query_one("#runs").row_count == 2
    finally:
        holder.kill()


async def test_what_is_shown_comes_by_itself_once_the_file_is_free(drive, warehouse, monkeypatch):
    monkeypatch.setattr("relcli.tui.frame.store.PATIENCE_S", 0.2)
    monkeypatch.setattr("relcli.tui.frame.screen._TRY_AGAIN_S", 0.2)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout and holder.stdout.readline()
        async with drive(warehouse, "2") as driver:
            assert "held by process" in driver.problem
            holder.communicate()
            for _ in range(100):
                await driver.pilot.pause(0.1)
                if not driver.problem:
                    break
            assert driver.screen.subtitle.startswith("study-4b")


@pytest.mark.slow
async def test_square_brackets_in_names_are_just_letters(drive, warehouse):
    odd = Path("we[red]ird [/b].duckdb")
    async with drive(odd) as driver:
        assert f"in {odd} yet" in driver.text("#words")
    with connect(warehouse, read_only=False) as connection:
        connection.execute("UPDATE run SET model = '/models/[/b]'")
    async with drive(warehouse, "c") as driver:
        assert "/models/[/b]" in str(driver.app.screen.query_one(OptionList).options[-1].prompt)
        await driver.press("escape", "e", "ctrl+u")
        await driver.write("[/b].xlsx")
        await driver.press("enter")
        assert "[/b].xlsx" in driver.notices[-1]


async def test_tabs_are_keys_alone_where_names_do_not_fit(drive, warehouse):
    async with drive(warehouse, "3", size=(60, 20)) as driver:
        tabs = driver.text("TabBar").splitlines()[0]
        assert "3 Questions" in tabs and "Runs" not in tabs and tabs.rstrip().endswith(ENTRIES[-1].key)
        await driver.pilot.click("TabBar", offset=(0, 0))
        await driver.settle()
        assert driver.screen.tab == "runs"


async def test_a_long_name_makes_room_for_what_follows(drive, warehouse):
    name = "n" * 110
    with connect(warehouse, read_only=False) as connection:
        for table in ("run", "answer"):
            connection.execute(f"UPDATE {table} SET run = ? WHERE run = 'study-4b'", [name])
    async with drive(warehouse, "2", size=(80, 24)) as driver:
        line = driver.text("TabBar").splitlines()[1]
        assert line.endswith("… · 644 answers") and len(line) <= 80


async def test_the_warehouse_may_vanish_and_come_back(drive, warehouse):
    shutil.copy("kit.duckdb", "aside.duckdb")
    async with drive(warehouse, "3") as driver:
        Path("kit.duckdb").unlink()
        await driver.press("w")
        assert "There is no warehouse at kit.duckdb" in driver.problem
        await driver.press("1")
        assert driver.screen.has_class("-empty")
        shutil.copy("aside.duckdb", "kit.duckdb")
        driver.app.look_at_file()
        await driver.settle()
        assert not driver.screen.has_class("-empty")


async def test_a_run_of_another_process_appears_by_itself(drive, warehouse):
    async with drive(warehouse) as driver:
        add_run(warehouse, scenes_dataset(2), "kit-scenes", "new", ("raw",), 2)
        driver.app.look_at_file()
        await driver.settle()
        assert list(driver.screen.query_one("#runs").keys) == ["study-4b", "small-2b", "new"]


@pytest.mark.slow
async def test_a_run_that_was_removed_is_said_to_be_gone(drive, warehouse):
    async with drive(warehouse, "2") as driver:
        with connect(warehouse, read_only=False) as connection:
            connection.execute("DELETE FROM run; DELETE FROM answer")
        for key in "r34":
            await driver.press(key)
            assert driver.problem
        await driver.press("2")
        assert "study-4b is no longer in the warehouse" in driver.problem


async def test_quitting_asks_while_a_job_runs(drive, warehouse):
    async with drive(warehouse) as driver:
        job = driver.app.start_job("long", ["generate", "--out", "scenes", "--scenes", "100000"])
        await driver.press("q")
        assert isinstance(driver.app.screen, QuitDialog)
        await driver.press("n")
        assert job.active and driver.app.screen is driver.screen
        await driver.press("q", "y")
    assert job.state == "stopped"


@pytest.mark.slow
async def test_quitting_goes_ahead_once_the_job_has_ended(drive, warehouse):
    async with drive(warehouse) as driver:
        job = driver.app.start_job("short", ["generate", "--out", "scenes", "--scenes", "3"])
        await driver.press("q")
        while job.active:
            await driver.pilot.pause(0.1)
        await driver.pilot.pause(0.1)
        assert driver.app._exit


async def test_a_job_that_ends_before_the_question_is_asked_holds_nobody_up(drive, warehouse):
    """Between the key and the window's first listening the job's end has passed."""
    async with drive(warehouse) as driver:
        answers: list[bool | None] = []
        ended = Job("short", ("generate",), state="done")
        driver.app.push_screen(QuitDialog([ended]), answers.append)
        await driver.settle()
        assert answers == [True]


async def test_quitting_without_jobs_just_quits(drive, warehouse):
    async with drive(warehouse) as driver:
        await driver.pilot.press("q")
        assert driver.app._exit


def test_nothing_heavy_is_imported():
    code = (
        "import sys, relcli.tui.app, relcli.tui.runs.screen, relcli.tui.question.screen\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'duckdb', 'numpy', 'PIL'} & sys.modules.keys()\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("key", "words"), quick_where([
    ("2", "the results of study-4b"),
    ("3", "the questions of study-4b"),
    ("4", "the first failure of study-4b"),
    ("5", "grounding"),
    ("6", "the probes of study-4b"),
    ("8", "the names of tables and views"),
], lambda case: case[0] == "3"))  # fmt: skip
async def test_what_takes_long_to_read_is_said_on_every_screen(drive, warehouse, monkeypatch, key, words):
    gate, honest = asyncio.Event(), Store.call

    async def slow(self, function, /, *args, **kwargs):
        await gate.wait()
        return await honest(self, function, *args, **kwargs)

    async def nothing(self, *reads):
        """What was read ahead needs no loading."""

    monkeypatch.setattr(Store, "look_ahead", nothing)
    async with drive(warehouse) as driver:
        monkeypatch.setattr(Store, "call", slow)
        await driver.pilot.press(key)
        for _ in range(100):
            await driver.pilot.pause(0.02)
            if "reading" in driver.text("TabBar"):
                break
        assert f"reading {words}" in driver.text("TabBar")
        gate.set()
        await driver.settle()
        assert "reading" not in driver.text("TabBar")
