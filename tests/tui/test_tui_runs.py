"""Screens 1 and 2: every run, and one run by category."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from relcli.results.overview import Accuracy, CategoryResult, Comparison, compared_with_published
from relcli.scenes.vocabulary import CATEGORIES
from relcli.tui.overview.table import OverviewTable, lane
from relcli.tui.runs.detail import run_detail
from relcli.tui.widgets.table import Table
from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read
from relcli.warehouse.rows import query
from relcli.warehouse.runs import finish

TONE: dict[str, str] = dict.fromkeys(("good", "bad", "warn", "accent", "primary", "dim"), "")


def cells(driver) -> dict[str, list[str]]:
    table = driver.screen.query_one(Table)
    return {key: [str(cell) for cell in table.get_row(key)] for key in table.keys}


async def test_runs_show_what_the_warehouse_knows(drive, warehouse):
    finish(warehouse, "small-2b", "failed", "It broke.")
    async with drive(warehouse) as driver:
        shown = cells(driver)
        assert list(shown) == ["study-4b", "small-2b"]
        share = "avg(correct::INT) FILTER (variant = 'raw')"
        sql = f"SELECT count(*), {share} FROM inference WHERE run = 'study-4b'"
        [(n, raw)] = query(warehouse, sql).rows
        state, run, model, answers, raw_shown, *_ = shown["study-4b"]
        assert (state, run, model, answers) == ("✓ done", "study-4b", "Qwen3-VL-4B-Instruct", str(n))
        assert f"{raw * 100:.1f}" in raw_shown
        assert shown["small-2b"][0] == "✗ failed"


@pytest.mark.slow
async def test_a_silent_run_reads_as_stopped_and_can_be_resumed(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("UPDATE run SET state = 'running', n_planned = 9999 WHERE run = 'study-4b'")
    async with drive(warehouse) as driver:
        assert cells(driver)["study-4b"][0] == "◼ stopped"
        assert "/9,999" in cells(driver)["study-4b"][3]
        await driver.press("down", "R")
        assert not driver.app.jobs.jobs
        await driver.press("up", "R")
        [job] = driver.app.jobs.jobs
        assert job.arguments[:4] == ("run", "--name", "study-4b", "--resume")
        while job.active:  # all its questions are answered, so it needs no model
            await driver.pilot.pause(0.1)
        assert job.state == "done", job.sentence
        await driver.settle()
        assert cells(driver)["study-4b"][0] == "✓ done"


@pytest.mark.slow
async def test_the_greeting_starts_a_first_run(drive, tmp_path, monkeypatch, tiny_model):
    monkeypatch.chdir(tmp_path)
    for name, value in {"MODEL": tiny_model, "MAX_SAMPLES": 2, "MAX_NEW_TOKENS": 3}.items():
        monkeypatch.setenv(f"RELCLI_RUN_{name}", str(value))
    async with drive(Path("new.duckdb")) as driver:
        assert driver.screen.has_class("-empty")
        assert "new.duckdb" in driver.text("#words")
        await driver.press("enter")
        [job] = driver.app.jobs.jobs
        assert driver.screen.query_one("StatusBar").display
        while job.active:
            await driver.pilot.pause(0.1)
        assert job.state == "done", (job.sentence, list(job.tail))
        await driver.settle()
        assert list(cells(driver)) == [job.result["run"]]
        await driver.press("enter")
        assert driver.screen.tab == "overview"
        assert list(cells(driver)) == ["recognition_color", ""]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_overview_shows_the_views_figures(drive, warehouse, size):
    rows = {row["category"]: row for row in read(warehouse, "category_table", run="study-4b").as_dicts()}
    async with drive(warehouse, "2", size=size) as driver:
        shown = cells(driver)
        assert list(shown) == [*rows, ""]
        for category, row in rows.items():
            text = " ".join(shown[category])
            for name in ("raw", "masked", *(["blank"] if size[0] > 80 else [])):  # as there is room
                interval = f"{row[f'{name}_low'] * 100:.0f}\u2013{row[f'{name}_high'] * 100:.0f}"
                assert f"{row[name] * 100:.1f}" in text and interval in text
            assert f"{row['drop'] * 100:+.1f}".replace("-", "\u2212") in text
        [(pairs, drop)] = query(
            warehouse,
            """SELECT count(*), (count(*) FILTER (correct_raw) - count(*) FILTER (correct_masked)) / count(*)
            FROM answer_pair WHERE run = 'study-4b'""",
        ).rows
        assert pairs and f"{drop * 100:+.1f}" in " ".join(shown[""])


@pytest.mark.slow
async def test_overview_breaks_a_category_down(drive, warehouse):
    async with drive(warehouse, "2", "down", "down", "down", "down") as driver:
        detail = driver.text("#detail")
        assert "implicit_spatial by the right answer" in detail
        right = query(
            warehouse,
            """SELECT count(*) FILTER (i.correct) / count(*) * 100, count(*)
            FROM inference AS i JOIN question AS q USING (dataset, scene_id, question_index)
            WHERE run = 'study-4b' AND variant = 'raw' AND q.category = 'implicit_spatial'
                AND q.options[ascii(q.ground_truth) - 96] LIKE 'below%'""",
        ).rows[0]
        [line] = [line for line in detail.splitlines() if line.strip().startswith("below")]
        assert f"{right[0]:.1f}%" in line and f"of {right[1]}" in line
        await driver.press("enter")
        assert driver.screen.tab == "questions"
        chosen = driver.app.selection.filter
        assert (chosen.category, chosen.status) == ("implicit_spatial", "wrong")


async def test_overview_beside_another_run(drive, warehouse):
    [row] = [
        row
        for row in read(warehouse, "beside_run", run="study-4b", other="small-2b").as_dicts()
        if (row["category"], row["variant"]) == ("count", "raw")
    ]
    async with drive(warehouse, "2", "c", "enter") as driver:
        assert "beside small-2b" in driver.screen.subtitle
        text = " ".join(cells(driver)["count"])
        assert f"{row['other'] * 100:.1f}" in text
        assert f"{(row['mine'] - row['other']) * 100:+.1f}".replace("-", "\u2212") in text
        await driver.press("c")
        assert "beside" not in driver.screen.subtitle


async def test_runs_to_compare_with_say_how_much_they_share(drive, warehouse):
    shared = "SELECT count(*) FROM answer WHERE run = 'small-2b'"
    [(n,)] = query(warehouse, shared).rows
    async with drive(warehouse, "2", "c") as driver:
        line = str(driver.app.screen.query_one(OptionList).get_option_at_index(0).prompt)
        assert "small-2b" in line and f"{n:,} answers shared" in line


@pytest.mark.slow
async def test_a_run_without_a_shared_question_is_named_and_not_offered(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("DELETE FROM answer WHERE run = 'small-2b'")
    async with drive(warehouse, "2", "c") as driver:
        option = driver.app.screen.query_one(OptionList).get_option_at_index(0)
        assert "no shared question" in str(option.prompt) and option.disabled
        await driver.press("enter", "escape")
        assert "beside" not in driver.screen.subtitle and driver.app.selection.other is None


@pytest.mark.slow
async def test_overview_beside_published_figures(drive, warehouse):
    async with drive(warehouse, "2", "p") as driver:
        assert "beside study" in driver.screen.subtitle
        assert "96.7" in " ".join(cells(driver)["count"])
        await driver.press("p")
        assert "beside" not in driver.screen.subtitle


def result(**values: float) -> CategoryResult:
    accuracies = {name: Accuracy(10, value, 0.0, 1.0) for name, value in values.items()}
    return CategoryResult("count", accuracies, None, None, None, None, None, None)


def test_the_lane_places_raw_and_masked():
    assert lane({"raw": 1.0, "masked": 0.0, "blank": 0.5}, TONE, 11).plain == "○────□────●"
    assert lane({"raw": 0.0, "masked": 0.0}, TONE, 11).plain == "●··········"


@pytest.mark.parametrize("width", [116, 120, 127, 140])
@pytest.mark.parametrize("tall", [True, False])
def test_beside_another_run_the_names_of_categories_are_whole(width: int, tall: bool):
    longest = max(CATEGORIES, key=len)
    results = [replace(result(raw=0.7, masked=0.5), category=name) for name in (longest, "count")]
    table = OverviewTable(results, Comparison("other", paired=True), TONE, width, tall)
    assert table.lines[0][1][0].plain == longest
    assert len(table.columns) == (9 if width >= 120 and tall else 8)
    assert sum((wide or 0) + 2 for _, wide in table.columns) < width
    for heading, wide in table.columns:
        assert len(heading.removeprefix(">")) <= (wide or 0)
    drawn = [cell.plain.split("\n") for cell in table.lines[0][1]]
    for (_, wide), lines in zip(table.columns, drawn, strict=True):
        assert all(len(line) <= (wide or 0) for line in lines)
    short = OverviewTable(results[1:], Comparison("other", paired=True), TONE, 120, tall=True)
    assert dict(short.columns)["0 ○● this ◇◆ other 100"] == 22  # no name needs more


def test_published_figures_are_compared_without_a_test():
    rows = [
        {"source": "study", "category": "count", "accuracy_raw": 0.9, "accuracy_masked": None},
        {"source": "other", "category": "count", "accuracy_raw": 0.1, "accuracy_masked": 0.1},
    ]
    published = compared_with_published("study", rows)
    found = published.of(result(raw=0.7, masked=0.5), "raw")
    assert (found.accuracy, found.p, found.significant) == (0.9, None, False)
    assert found.difference == pytest.approx(-0.2)
    assert published.of(result(raw=0.7, masked=0.5), "masked").difference is None


def test_relcli_tui_needs_a_terminal(tmp_path):
    import subprocess
    import sys

    command = [sys.executable, "-m", "relcli", "tui", "--db", str(tmp_path / "w.duckdb")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 2 and "needs a terminal" in done.stderr


def test_of_an_imported_run_only_what_is_known_is_shown(warehouse):
    [row] = read(warehouse, "run", run="study-4b").as_dicts()
    row |= {"kind": "import", "verified": None, "image_width": None, "image_tokens": 64}
    shown = run_detail(row, "", TONE, 80).plain
    assert "; 64 tokens\n" in shown and "None" not in shown
    assert "answered elsewhere" in shown and "relcli verify" not in shown
    assert "384 px, 64 tokens" in run_detail(row | {"image_width": 384}, "", TONE, 80).plain


async def test_a_run_is_shown_in_full_noted_and_deleted(drive, warehouse):
    async with drive(warehouse) as driver:
        detail = driver.text("#detail")
        assert "Qwen3-VL-4B-Instruct" in detail and "verified" in detail and "answers" in detail
        await driver.press("i")
        await driver.write("looks fine")
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
        await driver.settle()
        assert "looks fine" in driver.text("#detail")
        assert query(warehouse, "SELECT run, note FROM run_note").rows == [("study-4b", "looks fine")]
        await driver.press("D", "n")
        assert "study-4b" in cells(driver)
        await driver.press("D", "y")
        await driver.app.workers.wait_for_complete()
        await driver.settle()
        assert list(cells(driver)) == ["small-2b"]
        left = "SELECT (SELECT count(*) FROM answer WHERE run = 'study-4b'), (SELECT count(*) FROM run_note)"
        assert query(warehouse, left).rows == [(0, 0)]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (120, 40), (200, 60)])
@pytest.mark.slow
async def test_the_overview_shows_the_columns_there_is_room_for(drive, warehouse, size):
    async with drive(warehouse, "2", size=size) as driver:
        table = driver.screen.query_one(Table)
        assert not table.show_horizontal_scrollbar
        heads = [str(column.label) for column in table.ordered_columns]
        assert [head.strip() for head in heads[:2]] == ["category", "n"]
        await driver.press("c", "enter")
        assert not driver.screen.query_one(Table).show_horizontal_scrollbar


@pytest.mark.slow
async def test_what_is_said_on_one_screen_stays_there(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        driver.screen.notify("about SQL")
        await driver.pilot.pause()
        await driver.press("escape", "f1", "escape")
        driver.app.go("runs")
        await driver.settle()
        assert "about SQL" not in driver.notices


@pytest.mark.slow
async def test_a_run_is_renamed_and_stays_the_one_looked_at(drive, warehouse):
    async with drive(warehouse, "3", "1") as driver:
        run = driver.app.selection.run
        await driver.press("E")
        field = driver.app.screen.query_one("#line", Input)
        assert field.value == run
        field.value = "two words"
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
        assert any("can't name a run" in notice for notice in driver.notices) and run in cells(driver)
        await driver.press("E")
        driver.app.screen.query_one("#line", Input).value = "renamed.1"
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
        await driver.settle()
        assert "renamed.1" in cells(driver) and run not in cells(driver)
        assert driver.app.selection.run == driver.screen.query_one(Table).current_key == "renamed.1"
        await driver.press("3")
        assert driver.screen.subtitle.startswith("renamed.1 · ") and not driver.problem


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.slow)])
async def test_a_run_is_told_in_full_below_the_list(drive, warehouse, size):
    async with drive(warehouse, size=size) as driver:
        await driver.app.workers.wait_for_complete()
        detail = driver.screen.query_one("#detail")
        assert detail.display and detail.size.height >= 6
        assert "verified" in driver.text("#detail") and "raw, masked" in driver.text("#detail")


@pytest.mark.slow
async def test_the_overview_tells_below_what_the_table_has_no_room_for(drive, warehouse):
    async with drive(warehouse, "2", size=(80, 24)) as driver:
        [row] = [
            each
            for each in read(warehouse, "category_table", run="study-4b").as_dicts()
            if each["category"] == "count"
        ]
        assert f"blank % {row['blank'] * 100:.1f}" in driver.text("#detail")
        await driver.pilot.resize_terminal(220, 50)
        await driver.settle()
        assert "blank %" not in driver.text("#detail") and "□ blank" in str(
            driver.screen.query_one(Table).ordered_columns[2].label
        )
