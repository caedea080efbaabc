"""Screen 5: the heat map of layers by categories tells the warehouse's figures, and the sheet every layer."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from textual.coordinate import Coordinate

from relcli.drawing.sketch import short_name
from relcli.results.layers import ABOVE_CHANCE, FAMILIES, MEASURES
from relcli.scenes.vocabulary import CATEGORIES, STUDY_VARIANTS
from relcli.tui.frame.figures import Figures
from relcli.tui.frame.store import Store
from relcli.tui.layers.map import LayerMap
from relcli.tui.layers.reader import read_layers
from relcli.tui.layers.sheet import LayerSheet, tiling
from relcli.tui.layers.text import heading
from relcli.tui.widgets.heat_table import HeatTable
from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read
from relcli.warehouse.rows import query
from tests.tui.tui_driver import SMALL
from tests.tui.warehouse_kit import failures

RUN = "study-4b"


def cells(driver) -> list[list[str]]:
    """What the cells of the heat map say."""
    table = driver.screen.query_one(HeatTable)
    return [
        [str(cell).strip().strip("[]*") for cell in table.get_row_at(row)] for row in range(table.row_count)
    ]


def test_headings_are_short_and_tell_categories_apart():
    assert [heading(each) for each in CATEGORIES] == [
        "count", "shape", "color", "shape\n+color", "spatial", "connection", "arrow"
    ]  # fmt: skip


def test_figures_are_those_of_the_views(kit):
    """Each read's means are those of the views that roll the same rows up."""
    shifts = {each.name: f"shift_{each.name}" for each in MEASURES if each.read == "layer_shift"}
    of_run = {"run": RUN}
    views = {
        "attention_grounding": [
            each.name for each in MEASURES if each.read == "layer_grounding" and each.name != ABOVE_CHANCE
        ],
        "attention_layer_category": ["entropy", "entropy_of_uniform", *shifts],
    }
    told = {}
    for name in FAMILIES:
        for row in read(kit, name, run=RUN).as_dicts():
            told[row["measure"], row["category"], row["variant"], row["layer"]] = row["value"]
    for view, measures in views.items():
        rows = query(kit, f"FROM {view} WHERE run = $run", of_run).as_dicts()
        for measure in measures:
            wanted = {}
            for row in rows:
                if (value := row[shifts.get(measure, measure)]) is not None:
                    variant = None if measure in shifts else row["variant"]
                    wanted[measure, row["category"], variant, row["layer"]] = value
            found = {key: value for key, value in told.items() if key[0] == measure and key[1]}
            assert len(wanted) >= 6 and found == pytest.approx(wanted), measure
    mass = query(
        kit, "SELECT layer, avg(image_mass) FROM attention WHERE run = $run GROUP BY ALL", of_run
    ).rows
    over_variants = [
        np.average([told["image_mass", None, v, n] for v in STUDY_VARIANTS]) for n, _ in sorted(mass)
    ]
    assert over_variants == pytest.approx([value for _, value in sorted(mass)], rel=0.01)


def test_spread_and_n_are_over_answers_and_the_interval_over_scenes(kit):
    sql = """SELECT entity_share, entity_area, elsewhere_share, pointing_hit, common_above
        FROM attention_grounding_by_question
        WHERE run = $run AND category = 'count' AND variant = 'blank' AND layer = 0
        AND entity_share IS NOT NULL"""
    columns = zip(*query(kit, sql, {"run": RUN}).rows, strict=True)
    share, area, elsewhere, hit, common = (np.array(column, float) for column in columns)
    rows = {
        row["measure"]: row
        for row in read(kit, "layer_grounding", run=RUN).as_dicts()
        if (row["category"], row["variant"], row["layer"]) == ("count", "blank", 0)
    }
    n, ratio = len(share), share.mean() / area.mean()
    assert {rows[each]["n"] for each in ("entity_share", "entity_area_ratio", "pointing_game")} == {n}
    assert rows["entity_share"]["n_scenes"] == n  # one question a scene: Student's interval
    wide = stats.t.ppf(0.975, n - 1)
    assert rows["entity_share"]["sd"] == pytest.approx(share.std(ddof=1))
    assert rows["entity_share"]["low"] == pytest.approx(
        share.mean() - wide * share.std(ddof=1) / n**0.5, rel=1e-3
    )
    assert rows["entity_area_ratio"]["sd"] is None  # a ratio of means: no answer has one
    assert rows["entity_share"]["area"] == pytest.approx(area.mean())
    assert rows["entity_share"]["chance"] == pytest.approx(elsewhere.mean())
    above = share - elsewhere - common  # what the category's mean map has of it says nothing, and widens
    assert rows[ABOVE_CHANCE]["value"] == pytest.approx(above.mean(), rel=1e-5)
    end = above.mean() + wide * above.std(ddof=1) / n**0.5
    assert rows[ABOVE_CHANCE]["high"] == pytest.approx(end, rel=1e-3)
    sql = """SELECT above_elsewhere, above_elsewhere_low, above_elsewhere_high FROM attention_grounding
        WHERE run = $run AND category = 'count' AND variant = 'blank' AND layer = 0"""
    [of_view] = query(kit, sql, {"run": RUN}).rows
    assert [rows[ABOVE_CHANCE][each] for each in ("value", "low", "high")] == pytest.approx(of_view, rel=1e-5)
    error = (share - ratio * area).std(ddof=1) / n**0.5 / area.mean()
    assert rows["entity_area_ratio"]["high"] == pytest.approx(ratio + wide * error, rel=1e-3)
    low, value, high = (rows["pointing_game"][name] for name in ("low", "value", "high"))
    assert value == pytest.approx(hit.mean()) and low < value < high


@pytest.mark.slow
async def test_the_cursor_comes_back_after_a_slow_read(drive, warehouse, monkeypatch):
    monkeypatch.setattr("relcli.tui.frame.screen._SAY_AFTER_S", 0.01)
    read_figures, go_on = Figures.get, asyncio.Event()

    async def slowly(self, *place):
        if len(place) == 3:
            await go_on.wait()
        return await read_figures(self, *place)

    async with drive(warehouse, "5", "right", "right", "down") as driver:
        monkeypatch.setattr(Figures, "get", slowly)
        table = driver.screen.query_one(HeatTable)
        await driver.pilot.press("M")
        while "reading shift" not in driver.text("TabBar"):
            await driver.pilot.pause(0.02)
        assert table.row_count == 0
        go_on.set()
        await driver.settle()
        assert (table.row_count, table.cursor_row, table.cursor_column) == (6, 1, 2)


@pytest.mark.slow
async def test_keys_choose_measure_picture_and_scale(drive, warehouse):
    async with drive(warehouse, "5") as driver:
        table = driver.screen.query_one(HeatTable)
        assert driver.screen._measure.name == ABOVE_CHANCE
        assert "chance in the middle" in driver.text("#scale")
        driver.screen.action_measure("entropy")
        await driver.settle()
        assert (table.row_count, len(table.columns)) == (6, 8)
        row = next(
            each
            for each in read(warehouse, "layer_entropy", run=RUN).as_dicts()
            if (each["measure"], each["category"], each["variant"], each["layer"])
            == ("entropy", "recognition_color", "raw", 3)
        )
        await driver.press_at_once("right", "right", "down", "down", "down")
        assert cells(driver)[3][2] == f"{row['value']:.2f}"
        words = driver.text("#cursor")
        assert "recognition_color" in words and "layer 3 · raw" in words
        assert f"{row['value']:.2f}" in words and f"sd {row['sd']:.2f}" in words and f"n {row['n']}" in words
        assert f"95% {row['low']:.2f} to {row['high']:.2f}" in words
        await driver.press("v")
        assert "layer 3 · masked" in driver.text("#cursor")
        driver.screen.action_measure("cosine")
        await driver.press("v", "v")
        assert "cosine" in driver.text("#over").lower() and "raw to masked" in driver.text("#cursor")
        await driver.press_at_once("m", "m")
        assert driver.screen._measure.name == "entity_share"
        assert "other scenes" in driver.text("#cursor") and "area" in driver.text("#cursor")
        assert "scale by category" not in driver.text("#scale")
        assert driver.screen.subtitle == f"{RUN} · grounding · asked about, share"
        await driver.press("equals_sign")
        assert "scale by category" in driver.text("#scale")
        await driver.press("o")
        await driver.write("sinks")
        await driver.press("enter")
        assert driver.screen._measure.name == "sink_share"
        assert (table.cursor_row, table.cursor_column) == (3, 2)
        await driver.pilot.click("#measures", offset=(4, 1))
        await driver.pilot.click("#scale", offset=(3, 1))
        await driver.settle()
        assert driver.screen._measure.name == ABOVE_CHANCE and "one scale" in driver.text("#scale")
        await driver.pilot.click(HeatTable, offset=(8, 4))
        await driver.settle()
        assert (table.cursor_row, table.cursor_column) == (0, 0)


@pytest.mark.slow
async def test_enter_lists_the_questions_of_the_category(drive, warehouse):
    async with drive(warehouse, "5", "v") as driver:
        await driver.press_at_once("right", "right", "right", "right")
        await driver.press("enter")
        asked = driver.app.selection.filter
        assert (driver.screen.tab, asked.category, asked.variant) == (
            "questions",
            "implicit_spatial",
            "masked",
        )
        assert not asked.status
        await driver.press("escape", "end", "enter")
        assert driver.screen.tab == "questions" and asked.category == ""


@pytest.mark.slow
async def test_sheet_shows_every_layer_and_steps_through_failures(drive, warehouse):
    wrong = list(failures(warehouse, RUN))
    async with drive(warehouse, "5", "d") as driver:
        sheet = driver.screen.query_one(LayerSheet)
        question = driver.screen._question
        assert driver.app.selection.key == wrong[0] and len(sheet._tiles) == 6
        assert np.allclose(sheet._sheet.layers[3].weights, question.maps["raw"].weights(3))
        await driver.press("n", "n", "N")
        assert driver.app.selection.key == wrong[1]
        await driver.press("right", "right", "down")
        layer = driver.app.selection.layer
        assert layer == 1 + sheet._tiling.columns
        assert f"raw · layer {layer} · mean" in driver.text("#ground")
        await driver.press("v", "m")
        assert f"masked · layer {layer} · maximum" in driver.text("#ground")
        maximum = driver.screen._question.maps["masked"].weights(2, "max_heads")
        assert np.allclose(sheet._sheet.layers[2].weights, maximum)
        await driver.pilot.click(LayerSheet, offset=(2, 2))
        await driver.settle()
        assert driver.app.selection.layer == 0
        await driver.press("enter")
        assert driver.screen.tab == "question" and "layer 0" in driver.text("ScaleLine")
        await driver.press("escape", "escape")
        assert driver.screen.tab == "layers" and driver.screen.query_one(LayerMap).display


def test_tiles_are_as_large_as_fit():
    small = tiling(36, (224, 224), 76, 35)
    assert small.columns * (small.width + 1) - 1 <= 76 and -(-36 // small.columns) * small.height <= 35
    assert tiling(1, (224, 224), 80, 21).width == 41
    assert tiling(36, (224, 224), 10, 4).width == 8
    for n in range(1, 60):
        tile = tiling(n, (224, 224), 76, 37, 8)
        assert tile.width % 8 == 0, "cells of a map are of one width"
    assert tiling(1, (224, 224), 30, 21, 40).width == 30


def lines(widget) -> list[str]:
    """A widget's lines as plain text."""
    return [widget.render_line(y).text for y in range(widget.size.height)]


async def test_a_sheet_is_drawn_as_the_case_is_and_says_its_scale(drive, warehouse):
    async with drive(warehouse, "5", "d") as driver:
        question, sheet = driver.screen._question, driver.screen.query_one(LayerSheet)
        named = question.scenes["raw"].entities[0]
        drawn = ["".join(lines(tile.map)) for tile in sheet._tiles]
        assert len(drawn) == 6 and all(short_name(named).split()[1] in each for each in drawn)
        assert not any("▀" in each for each in drawn)
        assert "each layer on its own scale" in driver.text("#sheet-scale")
        assert all(each.low is None for each in sheet._sheet.layers)
        await driver.press("equals_sign")
        assert "all layers on one scale" in driver.text("#sheet-scale")
        assert "of attention a cell" in driver.text("#sheet-scale")
        maps = question.maps["raw"]
        ends = np.percentile([maps.weights(layer) for layer in range(6)], (2, 98))
        assert all((each.low, each.high) == pytest.approx(tuple(ends)) for each in sheet._sheet.layers)
        await driver.press("h")
        assert all("▀" in "".join(lines(tile.map)) for tile in sheet._tiles), "the heat alone"
        await driver.press("equals_sign", "escape")
        assert "chance in the middle" in driver.text("#scale")


@pytest.mark.slow
@pytest.mark.parametrize(("variable", "why"), [("NO_COLOR", "no colours"), ("TERM", "16 colours")])
async def test_a_sheet_says_why_it_is_grey(drive, warehouse, monkeypatch, variable, why):
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv(variable, {"NO_COLOR": "1", "TERM": "xterm"}[variable])
    async with drive(warehouse, "5", "d", size=SMALL) as driver:
        assert why in driver.text("#sheet-scale")
        tile = driver.screen.query_one(LayerSheet)._tiles[0]
        drawn = [each.style for y in range(3) for each in tile.map.render_line(y) if each.style and each.text]
        if variable == "TERM":
            assert all(each.bgcolor and each.bgcolor.number is not None for each in drawn), "of the sixteen"


@pytest.mark.slow
async def test_many_layers_scroll_on_a_small_terminal(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        for more in (6, 12):
            rows = f"SELECT * REPLACE (layer + {more} AS layer) FROM attention"
            connection.execute(f"INSERT INTO answer_attention BY NAME {rows}")
        connection.execute("DELETE FROM attention_fill")
    async with drive(warehouse, "5", "end", size=SMALL) as driver:
        table = driver.screen.query_one(HeatTable)
        await driver.press("ctrl+end")
        assert table.row_count == 24 and table.scroll_y > 0
        assert "layer 23" in driver.text("#cursor") and "all categories" in driver.text("#cursor")
        await driver.press("d", "end")
        assert "on what is asked about" in driver.text("#words")
        await driver.pilot.resize_terminal(40, 10)
        await driver.settle()
        await driver.pilot.resize_terminal(120, 40)
        await driver.settle()
        assert driver.screen.query_one(LayerSheet)._tiles


@pytest.mark.slow
async def test_a_run_without_attention_says_what_to_do(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("DELETE FROM answer_attention")
        connection.execute("UPDATE run SET attention = 'none'")
    async with drive(warehouse, "5") as driver:
        assert driver.problem.startswith(f"The run {RUN} kept no attention: run it again without")
        await driver.press("v", "m", "equals_sign", "d")
        assert "this run kept no attention" in str(driver.screen.query_one(LayerSheet).note.render())


@pytest.mark.slow
async def test_a_warehouse_that_goes_is_said_and_comes_back(drive, warehouse):
    async with drive(warehouse, "5") as driver:
        away = warehouse.rename("away.duckdb")
        await driver.press("m", "r")
        assert "kit.duckdb" in driver.problem
        away.rename(warehouse)
        await driver.press("r")
        assert driver.problem == "" and cells(driver)[0][0]


@pytest.mark.slow
async def test_what_takes_long_is_said_and_not_asked_twice(drive, warehouse, monkeypatch):
    asked, gate = [], asyncio.Event()
    honest = Store.read

    async def slow(self, name, /, **params):
        if name == "layer_shift":
            asked.append(name)
            await gate.wait()
        return await honest(self, name, **params)

    monkeypatch.setattr(Store, "read", slow)
    async with drive(warehouse, "5") as driver:
        await driver.pilot.press("M")
        await driver.pilot.pause(0.5)
        assert "reading shift" in driver.text("TabBar")
        await driver.pilot.press("M", "v", "M")
        await driver.pilot.pause(0.1)
        gate.set()
        await driver.settle()
        assert asked == ["layer_shift"] and driver.screen._measure.name == "l2"
        assert "reading" not in driver.text("TabBar") and cells(driver)


@pytest.mark.slow
async def test_map_is_copied_and_exported(drive, warehouse):
    async with drive(warehouse, "5") as driver:
        driver.screen.action_measure("entropy")
        await driver.settle()
        copied = driver.screen.copy_text().splitlines()
        assert copied[0].startswith("| layer | count |") and len(copied) == 2 + 6
        assert copied[2].split("|")[2].strip() == cells(driver)[0][0]
        await driver.press("e")
        driver.app.screen.query_one("#target").value = "layers.csv"
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
    assert len(Path("layers.csv").read_text().splitlines()) == 1 + 3 * 3 * 8 * 6


async def test_figures_are_read_anew_when_the_file_changed(warehouse):
    figures = Figures(Store(warehouse), read_layers)
    place = RUN, "layer_entropy", "answer"
    first = await figures.get(*place)
    assert await figures.get(*place) is first
    with connect(warehouse, read_only=False) as connection:
        connection.execute("DELETE FROM answer_attention WHERE layer > 2")
    assert (await figures.get(*place)).layers == [0, 1, 2]


@pytest.mark.slow
async def test_sixteen_colors_tell_more_from_less(drive, warehouse, monkeypatch):
    """Scaled down one by one, the colours of +4 and -4 are the same there."""
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    async with drive(warehouse, "5") as driver:
        table = driver.screen.query_one(HeatTable)
        heat = table.shown
        assert heat is not None and heat.diverging
        names = {
            table.get_cell_at(Coordinate(y, x)).style.bgcolor.name for y in range(6) for x in range(8)
        }
        assert len(names) > 1 and names <= {"blue", "cyan", "bright_white", "yellow", "red"}
        assert "16 colours: blue to red" in driver.text("#scale")
        driver.screen.action_measure("entropy")
        await driver.settle()
        names = {table.get_cell_at(Coordinate(0, x)).style.bgcolor.name for x in range(3)}
        assert names <= {"black", "bright_black", "white", "bright_white"}
        assert "heat in greys" in driver.text("#scale")


@pytest.mark.slow
async def test_a_sheet_has_sharp_pictures_where_they_can_be_had(drive, warehouse, monkeypatch):
    widgets = pytest.importorskip("textual_image.widget")
    monkeypatch.setattr("relcli.tui.question.graphics._image_widget", widgets.HalfcellImage)
    async with drive(warehouse, "5", "d") as driver:
        sheet = driver.screen.query_one(LayerSheet)
        sizes = {child.size for child in sheet.query(".graphics")}
        assert len(sheet.query(".graphics")) == 6 and sizes == {sheet._tiles[0].map.size}
        await driver.pilot.click(sheet._tiles[3].map)
        await driver.settle()
        assert driver.app.selection.layer == 3
