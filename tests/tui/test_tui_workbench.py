"""Screens 3 and 4 are one workbench: the list, and the case beside it or in its place."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.results.finding import unknown_sentence, wanted
from relcli.results.heat_pair import heat_pair, pair_of
from relcli.results.question import QuestionView, VariantAnswer
from relcli.results.question_pages import QuestionPages
from relcli.scenes.vocabulary import COLORS
from relcli.tui.cutting.picker import CellPicker
from relcli.tui.question.case import Case
from relcli.tui.question.case_pictures import arranged
from relcli.tui.question.layer_strip import LayerStrip
from relcli.tui.question.picture import PictureView
from relcli.tui.question.reader import QuestionReader
from relcli.tui.question.text import question_text
from relcli.tui.questions.list import QuestionList
from relcli.tui.widgets.table import Table
from relcli.warehouse.rows import query
from tests.tui.tui_driver import SMALL
from tests.tui.warehouse_kit import failures

RUN, OTHER = "study-4b", "small-2b"
TONE: dict[str, str] = dict.fromkeys(("good", "bad", "warn", "accent", "primary", "dim"), "")


def listed(driver) -> list[str]:
    return list(driver.screen.query_one(Table).keys)


def expected(path, where: str) -> list[str]:
    sql = f"""
        SELECT i.scene_id || '.' || i.question_index
        FROM inference AS i JOIN question AS q USING (dataset, scene_id, question_index)
        JOIN inference AS o USING (dataset, scene_id, question_index, variant)
        WHERE i.run = '{RUN}' AND o.run = '{OTHER}' AND variant = 'raw' AND ({where})
        ORDER BY scene_id, question_index LIMIT 100
    """
    return [key for (key,) in query(path, sql).rows]


async def test_the_first_page_is_drawn_before_a_case_is_read(drive, warehouse, monkeypatch):
    """And what only cutting needs is not made for it."""
    seen, draw, read = [], QuestionList.render_lines, QuestionReader.get

    def drawing(self, crop):
        lines = draw(self, crop)
        seen.extend(["rows"] if self.row_count else [])
        return lines

    async def reading(self, *place):
        seen.append("case")
        return await read(self, *place)

    async with drive(warehouse) as driver:
        monkeypatch.setattr(QuestionList, "render_lines", drawing)
        monkeypatch.setattr(QuestionReader, "get", reading)
        await driver.press("3")
        assert seen[0] == "rows" and "case" in seen and driver.screen._question is not None
        assert not driver.screen.query(CellPicker)


async def test_on_its_way_to_the_whole_screen_and_back_a_case_is_drawn_for_the_room_it_comes_to(
    drive, warehouse, monkeypatch
):
    paint, sizes = Case.paint, []

    def seen(case):
        paint(case)
        sizes.append(case._painted_for)

    async with drive(warehouse, "3") as driver:
        monkeypatch.setattr(Case, "paint", seen)
        for key in ("4", "escape", "4", "escape"):
            sizes.clear()
            await driver.press(key)
            assert {*sizes} == {driver.screen.query_one(Case).size}
        await driver.press("4")
        await driver.pilot.resize_terminal(140, 40)
        await driver.settle()
        await driver.press("escape")  # the room it had is another one now
        assert sizes[-1] == driver.screen.query_one(Case).size


async def test_the_case_follows_the_cursor_and_enter_gives_it_the_screen(drive, warehouse):
    async with drive(warehouse, "3", "down", "down") as driver:
        screen = driver.screen
        assert screen.query_one(Case).display and screen.query_one(Table).display
        assert screen._question.key == driver.app.selection.key == (0, 2)
        assert screen._question.stem in driver.text("#question")
        await driver.press("right", "right", "enter")
        assert screen.tab == "question" and not screen.query_one("#list-side").display
        assert driver.text("ScaleLine").startswith("layer 1 · mean")
        await driver.press("full_stop", "escape")
        assert screen.tab == "questions" and screen.query_one(Table).current_key == "0.3"
        assert screen._question.key == (0, 3)
        await driver.press("4")
        assert screen.tab == "question" and driver.screen is screen
        await driver.press("3")
        assert screen.tab == "questions"


@pytest.mark.slow
async def test_failures_are_stepped_to_in_the_list(drive, warehouse):
    wrong = list(failures(warehouse, RUN))
    async with drive(warehouse, "3", "n", "n", "N") as driver:
        assert driver.app.selection.key == wrong[0]
        assert driver.screen.query_one(Table).current_key == "{}.{}".format(*wrong[0])
        assert driver.screen._question.key == wrong[0]


@pytest.mark.slow
async def test_a_quick_run_through_the_list_reads_one_case(drive, warehouse, monkeypatch):
    """Keys in a row are not held up by the case: only where the cursor rests it is read."""
    from relcli.tui.question.reader import QuestionReader

    asked, honest = [], QuestionReader.get

    async def noting(self, run, key, other):
        asked.append(key)
        return await honest(self, run, key, other)

    async with drive(warehouse, "3") as driver:
        monkeypatch.setattr(QuestionReader, "get", noting)
        for _ in range(9):
            driver.screen.query_one(Table).action_cursor_down()
        await driver.settle()
        assert asked == [driver.app.selection.key] and len(listed(driver)) == 100
        assert driver.screen._question.key == driver.app.selection.key


@pytest.mark.slow
async def test_a_narrow_terminal_shows_the_list_or_the_case(drive, warehouse):
    async with drive(warehouse, "3", "down", size=SMALL) as driver:
        screen = driver.screen
        assert not screen.query_one(Case).display and screen.query_one("#preview").display
        await driver.press("enter")
        assert screen.query_one(Case).display and not screen.query_one("#list-side").display
        assert screen._question.key == (0, 1)
        await driver.pilot.resize_terminal(120, 40)
        await driver.settle()
        await driver.press("escape")
        assert screen.query_one(Case).display and screen.query_one("#list-side").display


@pytest.mark.slow
async def test_the_next_question_opens_at_its_beginning(drive, warehouse):
    async with drive(warehouse, "4", size=(80, 20)) as driver:
        words = driver.screen.query_one("#words")
        await driver.press("j", "j")
        assert words.scroll_y > 0
        await driver.press("full_stop")
        assert words.scroll_y == 0


@pytest.mark.slow
async def test_rows_of_another_run_do_not_stay_under_a_new_filter(drive, warehouse, monkeypatch):
    gate, honest = threading.Event(), QuestionPages.read

    def slow(self, **params):
        if params["run"] == OTHER:
            gate.wait()
        return honest(self, **params)

    async with drive(warehouse, "3") as driver:
        monkeypatch.setattr(QuestionPages, "read", slow)
        driver.app.selection.open_run(OTHER)
        driver.screen.reload()
        for _ in range(100):
            await driver.pilot.pause(0.02)
            said = driver.text("TabBar")
            if not listed(driver) and f"reading the questions of {OTHER}" in said:
                break
        assert listed(driver) == [] and f"reading the questions of {OTHER}" in said
        gate.set()
        await driver.settle()
        assert len(listed(driver)) == 100


@pytest.mark.parametrize("key", ["2", "3", "4", "5"])
@pytest.mark.slow
async def test_no_scrollbar_lies_across_a_small_terminal(drive, warehouse, key):
    async with drive(warehouse, key, size=SMALL) as driver:
        barred = [each for each in driver.screen.walk_children() if each.show_horizontal_scrollbar]
        assert barred == []
        if key == "2":
            assert not driver.screen.query_one(Table).show_vertical_scrollbar


@pytest.mark.slow
async def test_the_layers_lines_are_told_apart(drive, warehouse):
    """A full block would reach the line above it."""
    async with drive(warehouse, "4", size=(200, 60)) as driver:
        lines = driver.text("LayerStrip").splitlines()
        assert [line[: LayerStrip.LABEL].strip() for line in lines] == [
            "asked about", "on picture", "entropy", "all layers"
        ]  # fmt: skip
        assert "█" not in driver.text("LayerStrip")


async def test_heat_maps_share_a_scale_and_their_difference_has_two_colours(drive, warehouse):
    async with drive(warehouse, "4", "right", "right") as driver:
        question = driver.screen._question
        pair = heat_pair(question, "raw", 1, "mean_heads", None)
        assert (pair.first, pair.second) == ("raw", "masked") and pair.difference is not None
        raw, masked = (question.maps[name].weights(1) for name in ("raw", "masked"))
        assert pair.difference.weights == pytest.approx([b - a for a, b in zip(raw, masked, strict=True)])
        assert {(heat.low, heat.high) for heat in pair.heats.values()} == {(pair.low, pair.high)}
        assert pair.difference.low is not None and pair.difference.high == -pair.difference.low
        drawn = [view._heat for view in driver.screen.query(PictureView)]
        assert drawn[:2] == [None, None] and drawn[2:] == [*pair.heats.values(), pair.difference]
        line = driver.text("ScaleLine")
        assert f"{pair.high * 100:.2f}%" in line and f"+{pair.reach * 100:.2f}%" in line
        await driver.press("v", "v")
        assert pair_of(question, driver.screen._variant) == ("raw", "blank")
        assert "blank \u2212 raw" in driver.text("#heat-difference .caption")


@pytest.mark.slow
async def test_grounding_stands_beside_its_chance(drive, warehouse):
    from relcli.warehouse.materialized import fill_attention

    fill_attention(warehouse, RUN)
    key = next(failures(warehouse, RUN))
    where = f"run = '{RUN}' AND scene_id = {key[0]} AND question_index = {key[1]} AND variant = 'raw'"
    sql = f"SELECT elsewhere_share FROM attention_grounding_of('mean_heads') WHERE {where} AND layer = 2"
    [(chance,)] = query(warehouse, sql).rows
    async with drive(warehouse, "4", "right", "right", "right") as driver:
        shown = driver.text("#ground-right") + driver.text("#ground-beside")
        line = next(line for line in shown.splitlines() if "by chance" in line)
        assert f"{chance * 100:.1f}%" in line
        question = driver.screen._question
        weights = question.maps["raw"].layers
        total = [sum(layer["mean_heads"]) for layer in weights]
        shares = [question.chances["raw", "mean_heads", n].share for n in range(len(weights))]
        mean = sum(a * b for a, b in zip(total, shares, strict=True)) / sum(total)
        assert question.chance("raw", "mean_heads", None).share == pytest.approx(mean)


@pytest.mark.slow
async def test_beside_another_run_the_case_shows_both_and_the_list_what_differs(drive, warehouse):
    differ = "coalesce(i.choice, i.answer) IS DISTINCT FROM coalesce(o.choice, o.answer)"
    async with drive(warehouse, "3", "C") as driver:
        assert "no run to differ from" in driver.notices[-1]
        await driver.press("c", "enter")
        assert f"beside {OTHER}" in driver.screen.subtitle and listed(driver) == expected(warehouse, "true")
        for where in ("true", differ, "i.correct <> o.correct"):
            await driver.press("C")
            assert listed(driver) == expected(warehouse, where) != [], where
        question = driver.screen._question
        theirs = question.compared.answers["raw"]
        assert theirs.correct is not question.answers["raw"].correct
        said = f"{OTHER}: said {theirs.choice}"
        assert said in driver.text("#verdicts") and OTHER[:8] in driver.text("#question")
        await driver.press("n", "enter")
        assert driver.app.selection.filter.narrowed and OTHER in driver.text("#verdicts")
        await driver.press("c")
        assert OTHER not in driver.text("#verdicts") and not driver.app.selection.filter.narrowed


@pytest.mark.slow
async def test_scenes_are_found_by_what_is_in_them(drive, warehouse):
    scene = "(SELECT count(*) FROM {} AS e WHERE e.dataset = i.dataset AND e.scene_id = i.scene_id {})"
    objects, arrows = scene.format("entity", ""), scene.format("relation", "AND e.explicit")
    cyan = scene.format("entity", "AND e.color = 'cyan'")
    steps = {
        "objects:4": f"{objects} = 4",
        "objects:2-3 arrows>1": f"{objects} BETWEEN 2 AND 3 AND {arrows} > 1",
        "color:cyan shape": f"{cyan} > 0 AND (contains(lower(q.text), 'shape'))",
    }
    async with drive(warehouse, "3") as driver:
        for text, where in steps.items():
            driver.screen.query_one("#text").value = text
            await driver.settle()
            assert listed(driver) == expected(warehouse, where) != [], text
        await driver.press("slash")
        driver.screen.query_one("#text").value = "color:pink"
        await driver.press("enter")
        assert "color:pink: a color is red, green" in driver.notices[-1]


@given(st.text(max_size=30), st.sampled_from([*COLORS]), st.integers(0, 99))
def test_what_is_typed_is_words_and_properties(words, color, n):
    found = wanted(f"{words} color:{color} OBJECTS>={n} arrows<{n + 1}")
    alone = wanted(words)
    assert found.words == alone.words and color in found.colors
    assert found.objects[0] >= n and found.arrows[1] <= n
    assert unknown_sentence(wanted("color:pi")) and unknown_sentence(wanted("arrows:x"))
    assert wanted("color:pi").params() == wanted("").params()


@given(st.integers(1, 5), st.booleans(), st.integers(20, 240), st.integers(3, 80))
def test_pictures_are_drawn_as_large_as_they_can_be(n, two_rows, width, height):
    found = arranged(n, two_rows, width, height)
    assert found.height <= height and found.rows * found.columns >= (n if found.rows == 1 else 5)

    def size(rows: int, columns: int) -> int:
        return min(height // rows - 1, width // columns // 2)

    if two_rows:
        assert size(found.rows, found.columns) >= max(size(1, n), size(2, 3)) or height < 6


async def test_without_colours_a_difference_goes_from_dark_to_bright(drive, warehouse, monkeypatch):
    """In greys the two ends of a scale with a middle would look the same."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with drive(warehouse, "4") as driver:
        drawn = [view._heat for view in driver.screen.query(PictureView)]
        assert drawn[-1].low < 0 < drawn[-1].high and not drawn[-1].diverging
        assert "bright is more" in driver.text("ScaleLine")


@given(st.integers(1, 6), st.integers(22, 140))
def test_options_of_any_number_of_pictures_stay_side_by_side(n, width):
    names = ["raw", "masked", "changed", "placebo", "blank", "a-run-with-a-long-name"][:n]
    said = VariantAnswer("a)", "a", True, "a", [0.9, 0.05, 0.05])
    question = QuestionView(
        run="r", scene_id=0, question_index=0, category="count", stem="How many", text="How many?",
        options=["to the left of the yellow square", "7"], answers=dict.fromkeys(names, said),
    )  # fmt: skip
    lines = question_text(question, TONE, width, names[-1]).plain.splitlines()
    assert max(map(len, lines[1:])) <= width
    heads = lines[1].split("✓")
    assert 1 <= len(heads) - 1 <= n and (len(heads) - 1 == n or width < 12 + 8 * n)
    assert any(head.strip().startswith(names[-1][:3]) for head in heads), "the picture looked at"
