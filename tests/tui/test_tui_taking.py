"""What screens give away: the figure they show, and the SQL behind them."""

import pytest

from relcli.report.catalogue import KINDS
from relcli.results.layers import FIGURES, MEASURES
from relcli.tui.background.drawing import draw_figure
from relcli.tui.background.processes import Job
from relcli.tui.sql.editor import SqlEditor
from relcli.warehouse.reads import in_full, read
from relcli.warehouse.rows import query


async def _saved(driver, name: str) -> Job:
    """Type a file's name into the window that is open, and wait for the figure."""
    field = driver.app.screen.query_one("#target")
    field.value = name
    await driver.press("enter")
    [job] = driver.app.jobs.jobs
    while job.active:
        await driver.pilot.pause(0.1)
    await driver.settle()
    return job


@pytest.mark.slow
async def test_the_figure_of_what_is_shown_is_saved_and_says_where(drive, warehouse, tmp_path):
    async with drive(warehouse, "2", "S") as driver:
        job = await _saved(driver, "accuracy.png")
        assert job.state == "done", job.sentence
        assert job.arguments[:4] == ("figure", "accuracy", "--run", "study-4b")
        assert job.arguments[-2:] == ("--db", str(warehouse)), "as it can be typed"
        assert (tmp_path / "accuracy.png").read_bytes().startswith(b"\x89PNG")
        assert str(tmp_path / "accuracy.png") in driver.notices[-1]


@pytest.mark.slow
async def test_a_figure_that_can_t_be_drawn_is_a_sentence(drive, warehouse):
    async with drive(warehouse, "2", "S") as driver:
        job = await _saved(driver, "accuracy.doc")
        assert job.state == "failed"
        assert ".svg, .pdf or .png" in driver.notices[-1] and "Traceback" not in driver.notices[-1]


@pytest.mark.slow
async def test_each_screen_offers_the_figure_of_what_it_shows(drive, probed):
    async with drive(probed, "S") as driver:
        assert "no figure" in driver.notices[-1]
        await driver.press("4")
        asked = driver.screen.figure()
        number = "{}.{}".format(*driver.app.selection.key)
        assert (asked.name, asked.options) == ("layers", ("--question", number, "--variant", "raw"))
        await driver.press("5")
        for measure in MEASURES:
            driver.screen.action_measure(measure.name)
            await driver.settle()
            asked = driver.screen.figure()
            assert (asked and asked.name) == FIGURES.get(measure.name)
        await driver.press("6")
        assert driver.screen.figure().name == "probes"
        await driver.press("2")
        driver.app.selection.other = "small-2b"
        await driver.press("r")
        assert driver.screen.figure().options == ("--versus", "small-2b")


def test_figures_of_measures_exist():
    assert set(FIGURES.values()) <= KINDS.keys() and FIGURES.keys() <= {each.name for each in MEASURES}


@pytest.mark.parametrize("key", "123456")
@pytest.mark.slow
async def test_the_sql_behind_a_screen_gives_its_rows(drive, probed, key):
    async with drive(probed, key) as driver:
        what = driver.screen.exportable()
        rows = read(probed, what.read, **what.params)
        found = query(probed, in_full(what.read, what.params))
        assert rows.rows and found.columns == rows.columns and len(found.rows) == len(rows.rows)
        for one, other in zip(found.rows, rows.rows, strict=True):  # sums may differ in their last bits
            for value, expected in zip(one, other, strict=True):
                assert value == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.slow
async def test_the_sql_is_copied_or_opened(drive, warehouse):
    async with drive(warehouse, "3", "w", "Q", "enter") as driver:
        assert "'wrong' IS NULL" in driver.app.clipboard
        await driver.press("Q", "down", "enter")
        assert driver.screen.tab == "sql"
        assert driver.screen.query_one(SqlEditor).text.strip() == driver.app.clipboard.strip()
        await driver.press("f5")
        assert "rows in" in driver.text("#state") or "The first" in driver.text("#state")


def test_words_in_parameters_stay_words(warehouse):
    odd = "it's $run -- 'wrong' NULL"
    params = {"run": "study-4b", "variant": "raw", "back": False, "count": True, "n": 5, "text": odd}
    assert query(warehouse, in_full("question_page", params)).rows == []
    params["text"] = "circle"
    assert query(warehouse, in_full("question_page", params)).rows == read(
        warehouse, "question_page", **params
    ).rows


async def test_a_job_given_up_leaves_no_process(warehouse):
    import asyncio

    words = ("figure", "accuracy", "--out", "never.svg", "--db", str(warehouse))
    job = Job("figure accuracy", words)
    task = asyncio.create_task(draw_figure(job))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (warehouse.parent / "never.svg").exists()
