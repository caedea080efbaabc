"""Screen 5 on other rows than the answer's: the views' figures, what there is none of, a run without rows."""

import shutil
from pathlib import Path

import pytest

from relcli.results.layer_findings import corrected_p
from relcli.results.layers import ABOVE_CHANCE, ANSWER_ONLY, FAMILIES, MEASURES, LayerTable, in_row_order
from relcli.tui.frame.figures import Figures
from relcli.tui.frame.store import Store
from relcli.tui.layers.reader import read_layers, read_rows
from relcli.tui.widgets.heat_table import HeatTable
from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read
from relcli.warehouse.rows import query
from tests.tui.heads_kit import RUN
from tests.tui.tui_driver import SMALL

ROWS = ("answer", "target", "target_next", "stem_end")
GROUNDED = {
    "entity_share": "entity_share",
    ABOVE_CHANCE: "above_elsewhere",
    "entity_per_area": "entity_per_area",
    "distractor_share": "distractor_share",
    "entropy": "entropy",
    "image_mass": "image_mass",
}
"""Measures, and their columns in attention_row_grounding."""


@pytest.fixture
def rowed(heads_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "config" / "config.toml"))
    return Path(shutil.copy(heads_once, "heads.duckdb"))


def cells(driver) -> list[list[str]]:
    table = driver.screen.query_one(HeatTable)
    return [
        [str(cell).strip().strip("[]") for cell in table.get_row_at(row)] for row in range(table.row_count)
    ]


@pytest.mark.parametrize("row", ROWS[1:])
def test_figures_are_those_of_the_views(heads_once, row):
    told = {
        (each["measure"], each["category"], each["variant"], each["layer"]): each
        for name in FAMILIES
        for each in read(heads_once, name, run=RUN, row=row).as_dicts()
    }
    given = {"run": RUN, "row": row}
    views = query(
        heads_once, "FROM attention_row_grounding WHERE run = $run AND query_row = $row", given
    ).as_dicts()
    assert len(views) == 2 * 2 * 6
    for view in views:
        place = view["category"], view["variant"], view["layer"]
        for measure, column in GROUNDED.items():
            found = told.get((measure, *place))
            value = view[column]
            expected = value if value is None else pytest.approx(value, rel=1e-5, abs=1e-6)
            assert (found and found["value"]) == expected, measure
        assert told["entity_share", *place]["chance"] == pytest.approx(view["elsewhere_share"])
        assert told["entity_share", *place]["area"] == pytest.approx(view["entity_area"])
        ratio = view["entity_share"] / view["entity_area"]
        assert told["entity_area_ratio", *place]["value"] == pytest.approx(ratio)
    for figure in read(heads_once, "row_grounding", **given).as_dicts():
        found = told[ABOVE_CHANCE, figure["category"], figure["variant"], figure["layer"]]
        for end in ("low", "high"):
            assert found[end] == pytest.approx(figure[f"above_elsewhere_{end}"], rel=1e-5, abs=1e-6)
    views = query(
        heads_once, "FROM attention_row_shift WHERE run = $run AND query_row = $row", given
    ).as_dicts()
    assert len(views) == 2 * 6
    for view in views:
        place = view["category"], None, view["layer"]
        assert told["l1", *place]["value"] * 64 == pytest.approx(view["l1"])
        assert told["cosine", *place]["value"] == pytest.approx(view["cosine"])
        assert told["l1", *place]["n"] == view["n"]
    assert not {measure for measure, *_ in told} & {*ANSWER_ONLY}


def test_the_answers_figures_are_those_without_a_row(heads_once):
    for name in FAMILIES:
        plain, asked = (read(heads_once, name, run=RUN, row=row).as_dicts() for row in (None, "answer"))
        assert len(plain) == len(asked) > 0
        for one, other in zip(plain, asked, strict=True):
            assert one == pytest.approx(other)
        tested = read(heads_once, name, run=RUN, with_scenes=True)
        assert "scenes" not in plain[0] and "scenes" in tested.columns


async def test_rows_are_those_that_were_kept(heads_once, kit):
    assert await read_rows(Store(heads_once), RUN) == [*ROWS]
    assert await read_rows(Store(kit), "study-4b") == ["answer"]
    assert await read_rows(Store(kit), "nobody's") == ["answer"]
    assert in_row_order({"own", "stem_end", "answer"}) == ["answer", "stem_end", "own"]


async def test_the_key_shows_each_row_that_was_kept(drive, rowed):
    async with drive(rowed, "5") as driver:
        answer, seen = cells(driver), []
        for _ in ROWS:
            await driver.press("W")
            row = driver.screen._row
            seen.append(row)
            assert f"W {row} row" in driver.text("#over")
            figures = await Figures(Store(rowed), read_layers).get(RUN, "layer_grounding", row)
            measure = driver.screen._measure
            for layer, shown in enumerate(cells(driver)):
                for category, cell in zip(figures.categories, shown, strict=True):
                    figure = figures.grid(measure, "raw")[category, layer]
                    star = "*" * figures.stands_out(measure, "raw", (category, layer))
                    assert cell == f"{measure.written(figure.value)}{star}"
            assert (row != "answer") == (f"{row} row" in driver.screen.subtitle)
        assert seen == [*ROWS[1:], ROWS[0]] and cells(driver) == answer


@pytest.mark.slow
async def test_what_a_row_has_none_of_says_why(drive, rowed):
    async with drive(rowed, "5", "W") as driver:
        for measure in MEASURES:
            if measure.name not in (*ANSWER_ONLY, "masked_place_share", "image_mass", "kl"):
                continue
            driver.screen.action_measure(measure.name)
            await driver.settle()
            assert driver.screen._row == "target" and not driver.problem
            told = driver.text("#over")
            if measure.name in ANSWER_ONLY:
                assert "for the answer's row alone" in told and driver.text("#scale") == ""
                assert {cell for row in cells(driver) for cell in row} == {"·"}
                assert "nothing was measured here" in driver.text("#cursor")
                assert "raw to masked" not in told
            else:
                assert " ".join(measure.about.split()) in " ".join(told.split()) and driver.text("#scale")
        await driver.press("W", "W", "W")
        assert driver.screen._row == "answer"


async def test_a_run_without_rows_offers_the_answers_alone(drive, warehouse):
    async with drive(warehouse, "5") as driver:
        before = cells(driver)
        assert not driver.screen.offers("row") and "W " not in driver.text("#over")
        await driver.press("W")
        assert driver.screen._row == "answer" and cells(driver) == before


@pytest.mark.slow
async def test_another_run_without_the_row_shows_the_answers(drive, rowed):
    async with drive(rowed, "5", "W", "W") as driver:
        assert driver.screen._row == "target_next"
        with connect(rowed, read_only=False) as connection:
            connection.execute("DELETE FROM answer_attention WHERE query_row <> 'answer'")
        await driver.press("r")
        assert driver.screen._row == "answer" and cells(driver)[0][0]
        assert not driver.screen.offers("row")


@pytest.mark.slow
async def test_the_row_is_exported_copied_and_drawn(drive, rowed):
    async with drive(rowed, "5", "W") as driver:
        what = driver.screen.exportable()
        assert what.stem.endswith("-target") and what.params == {"run": RUN, "row": "target"}
        assert read(rowed, what.read, **what.params).rows
        assert driver.screen.figure().options == ("--row", "target")
        copied = driver.screen.copy_text().splitlines()
        assert copied[2].split("|")[2].strip() == cells(driver)[0][0].strip("*")
        driver.screen.action_measure("entity_per_area")
        await driver.settle()
        assert driver.screen.figure() is None, "relcli figure draws it of the answer's row alone"
        await driver.press("d")
        assert not driver.screen.offers("row")


@pytest.mark.slow
async def test_the_choice_is_never_cut(drive, rowed):
    async with drive(rowed, "5", "W", "W", size=SMALL) as driver:
        over = driver.screen.query_one("#over")
        lines = [over.render_line(y).text for y in range(over.size.height)]
        said = " ".join("".join(f"{line} " for line in lines).split())
        assert "W target_next row" in said and said.endswith("for all cells at once.")
        table = driver.screen.query_one(HeatTable)
        assert table.max_scroll_y == 0


def test_a_row_that_looks_nowhere_gets_no_star(heads_once):
    """The kit's rows are the answer's maps moved; `stem_end` by three cells, off what is looked at."""
    rows = read(heads_once, "layer_grounding", run=RUN, row="stem_end", with_scenes=True).as_dicts()
    p = corrected_p("layer_grounding", rows)
    table, [measure] = LayerTable(rows, p), [each for each in MEASURES if each.name == ABOVE_CHANCE]
    assert p and not any(table.stands_out(measure, "raw", place) for place in table.grid(measure, "raw"))
