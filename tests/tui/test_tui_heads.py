"""Screen 9: the map of layers by heads tells the views' figures, what stands out, and what is not kept."""

import asyncio
import shutil
from pathlib import Path

import pytest

from relcli.results.head_table import MEASURES, TIMES, HeadTable
from relcli.tui.frame.figures import Figures
from relcli.tui.frame.store import Store
from relcli.tui.heads.map import HeadMap
from relcli.tui.heads.reader import read_heads
from relcli.tui.widgets.heat_table import HeatTable
from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read
from relcli.warehouse.rows import query
from tests.tui.heads_kit import CATEGORIES, N_HEADS, READS, RUN
from tests.tui.tui_driver import SMALL
from tests.tui.warehouse_kit import N_LAYERS


@pytest.fixture
def headed(heads_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "config" / "config.toml"))
    return Path(shutil.copy(heads_once, "heads.duckdb"))


def cells(driver) -> list[list[str]]:
    table = driver.screen.query_one(HeatTable)
    return [[str(cell).strip() for cell in table.get_row_at(row)] for row in range(table.row_count)]


async def test_the_map_says_what_the_view_says(drive, headed):
    async with drive(headed, "9") as driver:
        of = driver.screen._of
        assert of == (CATEGORIES[0], "raw", "target"), "the row with the strongest head comes first"
        sql = "FROM head_grounding WHERE run = $run AND category = $category AND variant = $variant "
        given = {"run": RUN, "category": of[0], "variant": of[1], "row": of[2]}
        rows = query(headed, f"{sql} AND query_row = $row", given).as_dicts()
        shown = cells(driver)
        assert len(rows) == N_LAYERS * N_HEADS == sum(map(len, shown))
        for row in rows:
            cell = shown[row["layer"]][row["head"]]
            assert cell.strip("[]*") == f"{row['share'] / row['chance']:.1f}"
            assert ("*" in cell) == (row["p_holm"] <= 0.05)
        starred = {
            (layer, head) for layer in range(N_LAYERS) for head in range(N_HEADS) if "*" in shown[layer][head]
        }
        assert starred == {READS}
        await driver.press_at_once(*["down"] * READS[0], *["right"] * READS[1])
        [row] = [row for row in rows if (row["layer"], row["head"]) == READS]
        words = driver.text("#cursor")
        assert f"layer {READS[0]}, head {READS[1]}" in words
        assert f"{row['share'] / row['chance']:.2f} times chance" in words
        assert f"share {row['share']:.1%}, chance {row['chance']:.1%}" in words
        assert f"{row['ci_low'] * 100:+.1f} to {row['ci_high'] * 100:+.1f} points" in words
        assert "p<.001 for all heads: above chance" in words
        assert f"n {row['n']} in {row['n_scenes']} scenes" in words
        await driver.press("left")
        assert "not found above chance" in driver.text("#cursor")


@pytest.mark.slow
async def test_keys_choose_category_row_picture_and_measure(drive, headed):
    async with drive(headed, "9") as driver:
        scale = driver.text("#scale")
        assert "chance 1.00x" in scale and "one scale for all maps" in scale
        seen = []
        for _ in range(4):
            await driver.press("W")
            seen.append(driver.screen._of[2])
            assert driver.text("#scale") == scale
        assert sorted(seen) == ["answer", "stem_end", "target", "target_next"]
        await driver.press("t")
        assert driver.screen._of[0] == CATEGORIES[1] and CATEGORIES[1] in driver.screen.subtitle
        await driver.press("v")
        assert driver.screen._of[1] == "masked"
        await driver.press("m")
        assert "not tested" in driver.text("#cursor") and "*" not in str(cells(driver))
        [row] = [
            row
            for row in query(
                headed,
                "SELECT layer, head, avg(distractor) AS value FROM head_share AS h JOIN run USING (run) "
                "JOIN question AS q USING (dataset, scene_id, question_index) "
                "WHERE variant = 'masked' AND query_row = $row AND category = $category GROUP BY ALL",
                {"row": driver.screen._of[2], "category": CATEGORIES[1]},
            ).as_dicts()
            if (row["layer"], row["head"]) == (0, 0)
        ]
        assert f"{row['value']:.1%}" in driver.text("#cursor")
        await driver.press("o")
        await driver.write("entropy")
        await driver.press("enter")
        assert driver.screen._measure.name == "entropy" and "3.00" in driver.text("#cursor")
        await driver.press("m")
        assert driver.screen._measure.name == TIMES


@pytest.mark.slow
async def test_enter_lists_the_questions_and_chooses_the_layer(drive, headed):
    async with drive(headed, "9", "down", "down", "enter") as driver:
        asked = driver.app.selection.filter
        assert (asked.category, asked.variant, driver.app.selection.layer) == (CATEGORIES[0], "raw", 2)
        assert driver.screen.tab == "questions"


async def test_it_exports_and_copies_the_map(drive, headed):
    async with drive(headed, "9") as driver:
        what = driver.screen.exportable()
        assert what.read == "head_map"
        assert len(read(headed, what.read, **what.params).rows) == N_LAYERS * N_HEADS
        copied = driver.screen.copy_text()
        assert copied.count("\n") == N_LAYERS + 1 and "*" not in copied
        await driver.press("m")
        what = driver.screen.exportable()
        assert {row["n_scenes"] for row in read(headed, what.read, **what.params).as_dicts()} <= {*range(13)}


async def test_a_run_without_heads_says_which_option_keeps_them(drive, warehouse):
    async with drive(warehouse, "9") as driver:
        assert "kept no single heads: relcli run" in driver.problem and "--attention heads" in driver.problem
        assert driver.screen.query_one(HeatTable).row_count == 0
        assert driver.screen.exportable() is None and driver.screen.copy_text() is None
        assert driver.text("#choices") == driver.text("#over") == "", "there is nothing to choose"
        offered = [driver.screen.offers(each) for each in ("category", "row", "variant", "next_measure")]
        assert not any(offered)
        await driver.press("t", "W", "v", "m", "o", "enter")
        assert driver.problem and driver.text("#choices") == ""


@pytest.mark.slow
async def test_a_region_without_shares_leaves_the_measure_to_choose(drive, headed):
    with connect(headed, read_only=False) as connection:
        connection.execute("UPDATE head_attention SET sink = NULL")
    async with drive(headed, "9", "o") as driver:
        await driver.write("sinks")
        await driver.press("enter")
        assert "nothing on this region" in driver.problem
        assert driver.text("#choices") == "m sinks, share"
        await driver.press("m")
        assert not driver.problem and f"t {CATEGORIES[0]}" in driver.text("#choices")


async def test_few_scenes_are_not_tested(drive, headed):
    with connect(headed, read_only=False) as connection:
        connection.execute("DELETE FROM head_attention WHERE scene_id > 5")
    async with drive(headed, "9") as driver:
        assert "not tested: fewer than 8 scenes" in driver.text("#cursor")
        assert "*" not in str(cells(driver))


async def test_while_it_is_read_nothing_is_shown(drive, headed, monkeypatch):
    monkeypatch.setattr("relcli.tui.frame.screen._SAY_AFTER_S", 0.01)
    get, go_on = Figures.get, asyncio.Event()

    async def slowly(self, *place):
        await go_on.wait()
        return await get(self, *place)

    monkeypatch.setattr(Figures, "get", slowly)
    async with drive(headed) as driver:
        await driver.pilot.press("9")
        while "reading where heads look" not in driver.text("TabBar"):
            await driver.pilot.pause(0.02)
        assert driver.screen.query_one(HeatTable).row_count == 0
        go_on.set()
        await driver.settle()
        assert driver.screen.query_one(HeatTable).row_count == N_LAYERS


async def test_many_heads_stand_as_blocks_and_all_of_them_can_be_gone_to(drive, headed):
    """As many as a large model has: no room for numbers, which the words tell."""
    with connect(headed, read_only=False) as connection:
        for name in ("image_mass", "entropy", "target", "chance", "distractor", "removed", "sink", "rest"):
            connection.execute(
                f"UPDATE head_attention SET {name} = flatten([{name} FOR i IN range(8)]) "
                f"WHERE {name} IS NOT NULL"
            )
    async with drive(headed, "9", size=SMALL) as driver:
        assert {len(row) for row in cells(driver)} == {8 * N_HEADS}
        assert all(len(cell) <= 2 and not cell.strip("▁▂▃▄▅▆▇*") for row in cells(driver) for cell in row)
        await driver.press("end")
        assert "head 31" in driver.text("#cursor") and "times chance" in driver.text("#cursor")


def test_tables_of_heads_hold_what_is_there():
    measure = MEASURES[0]
    row = {"category": "x", "variant": "raw", "query_row": "answer", "layer": 1, "head": 2, "n": 9}
    row |= {"n_scenes": 9, "share": 0.4, "chance": 0.1, "others": None, "ci_low": 0.2, "ci_high": 0.4}
    table = HeadTable(measure, [row | {"p_holm": 0.01}, row | {"layer": 0, "chance": 0.0, "p_holm": None}])
    assert table.size == (2, 3) and list(table.map(("x", "raw", "answer"))) == [(1, 2)]
    assert table.ends == (1.0, pytest.approx(4.0))
    assert not HeadTable(measure, [])


async def test_reads_are_not_asked_for_twice(headed):
    heads = Figures(Store(headed), read_heads)
    one, other = await asyncio.gather(heads.get(RUN, MEASURES[0]), heads.get(RUN, MEASURES[0]))
    assert one is other and one


def test_a_head_map_is_a_widget_of_its_own():
    assert HeadMap().place is None
