"""Screen 3: what is listed is what the warehouse holds, whatever the filter, and wherever one scrolls."""

import pytest
from textual.widgets import Input

from relcli.results.question_pages import QuestionPages
from relcli.tui.questions.paging import PAGE
from relcli.tui.widgets.table import Table
from relcli.warehouse.marks import get_mark, set_mark
from relcli.warehouse.rows import query

_EVERYTHING = """
    SELECT i.scene_id || '.' || i.question_index
    FROM inference AS i JOIN question AS q USING (dataset, scene_id, question_index)
    WHERE i.run = 'study-4b' AND i.variant = 'raw'
"""
_CHOSEN = "option_score(i.option_logprobs, i.choice)"


def listed(driver) -> list[str]:
    return list(driver.screen.query_one(Table).keys)


def expected(path, where: str) -> list[str]:
    sql = f"""
        SELECT i.scene_id || '.' || i.question_index
        FROM inference AS i JOIN question AS q USING (dataset, scene_id, question_index)
        LEFT JOIN inference AS m ON m.run = i.run AND m.scene_id = i.scene_id
            AND m.question_index = i.question_index AND m.variant = 'masked'
        WHERE i.run = 'study-4b' AND i.variant = 'raw' AND ({where})
        ORDER BY i.scene_id, i.question_index LIMIT {PAGE}
    """
    return [key for (key,) in query(path, sql).rows]


@pytest.mark.slow
async def test_filters_list_what_they_say(drive, warehouse):
    steps = [
        ("w", "NOT i.correct"),
        ("f", "NOT i.correct AND i.correct <> m.correct"),
        ("w", "i.correct AND i.correct <> m.correct"),
        ("f", "i.correct AND NOT m.correct"),
        ("0", "true"),
        ("l", "len(q.flaws) > 0"),
        ("l", "len(q.flaws) = 0"),
        ("l", "list_has_any(q.flaws, ['equivalent_option', 'two_axes', 'referent_not_unique'])"),
        ("0", "true"),
        ("v", "m.correct IS NOT NULL"),
        ("w", "NOT m.correct"),
    ]
    async with drive(warehouse, "3") as driver:
        assert listed(driver) == expected(warehouse, "true")
        for key, where in steps:
            await driver.press(key)
            assert listed(driver) == expected(warehouse, where) != [], where


async def test_the_list_of_the_next_filter_is_there_before_its_key(drive, warehouse, monkeypatch):
    read, asked = QuestionPages.read, []

    def seen(pages, **params):
        asked.append(params)
        return read(pages, **params)

    async with drive(warehouse, "3") as driver:
        further = [each for each in driver.app.workers if each.group in ("warm", "ends")]
        await driver.app.workers.wait_for_complete(further)
        monkeypatch.setattr(QuestionPages, "read", seen)
        await driver.press_at_once("w")
        assert listed(driver) == expected(warehouse, "NOT i.correct") != []
        assert "match" in driver.screen.subtitle
        wrong = {**driver.app.selection.filter.params(), "n": PAGE, "back": False}
        assert not [each for each in asked if wrong.items() <= each.items()]
        set_mark(warehouse, "study-4b", *map(int, listed(driver)[0].split(".")), marked=True, note=None)
        await driver.press("0", "w")
        assert [each for each in asked if wrong.items() <= each.items()], "the file was written to"


async def test_one_question_matches_and_two_match(drive, warehouse):
    for place, many in enumerate(("1 of 1 question matches", "1 of 2 questions match")):
        set_mark(warehouse, "study-4b", 3, place, marked=True, note=None)
        async with drive(warehouse, "3", "u") as driver:
            assert many in driver.screen.subtitle


@pytest.mark.slow
async def test_words_are_found_in_questions(drive, warehouse):
    async with drive(warehouse, "3", "slash") as driver:
        await driver.write("cyan")
        assert listed(driver) == expected(warehouse, "contains(lower(q.text), 'cyan')")
        assert "match" in driver.screen.subtitle
        await driver.press("enter", "0")
        assert len(listed(driver)) == PAGE


@pytest.mark.slow
async def test_a_category_is_chosen_from_a_list(drive, warehouse):
    async with drive(warehouse, "3", "t") as driver:
        await driver.write("spatial")
        await driver.press("enter")
        assert listed(driver) == expected(warehouse, "q.category = 'implicit_spatial'")


@pytest.mark.slow
async def test_the_whole_list_can_be_walked(drive, warehouse):
    """Pages join without a gap or a double, and the last row is the last question."""
    everything = [row[0] for row in query(warehouse, """
        SELECT scene_id || '.' || question_index FROM inference WHERE run = 'study-4b' AND variant = 'raw'
        ORDER BY scene_id, question_index""").rows]  # fmt: skip
    async with drive(warehouse, "3") as driver:
        table = driver.screen.query_one(Table)
        assert listed(driver) == everything[:PAGE]
        for _ in range(12):
            await driver.press("pagedown")
        assert listed(driver) == everything
        await driver.press("end")
        assert table.current_key == everything[-1]
        await driver.press("home")
        assert table.current_key == everything[0]


@pytest.mark.slow
async def test_the_end_of_the_list_is_one_page_until_somebody_goes_up(drive, warehouse):
    async with drive(warehouse, "3", "end") as driver:
        table = driver.screen.query_one(Table)
        assert table.row_count == PAGE and table.cursor_row == PAGE - 1
        await driver.press(*["pageup"] * 6)
        assert table.row_count > PAGE


@pytest.mark.slow
async def test_enter_shows_the_question(drive, warehouse):
    async with drive(warehouse, "3", "down", "down", "enter") as driver:
        assert driver.screen.tab == "question"
        assert driver.app.selection.key == (0, 2)
        await driver.press("escape")
        assert driver.screen.query_one(Table).current_key == "0.2"


@pytest.mark.slow
async def test_nothing_found_says_how_to_go_on(drive, warehouse):
    async with drive(warehouse, "3", "slash") as driver:
        await driver.write("unicorn")
        assert listed(driver) == []
        shown = driver.screen.question_list.render_line(2).text
        assert "0 clears the filter" in shown


@pytest.mark.slow
async def test_esc_leaves_the_field_before_the_screen(drive, warehouse):
    async with drive(warehouse, "3", "slash") as driver:
        await driver.write("circle")
        await driver.press("escape")
        assert driver.screen.tab == "questions" and isinstance(driver.screen.focused, Table)
        assert driver.app.selection.filter.text == "circle"
        await driver.press("escape")
        assert driver.screen.tab == "runs"


@pytest.mark.slow
async def test_the_line_above_says_which_of_how_many(drive, warehouse):
    total = len(query(warehouse, _EVERYTHING).rows)
    wrong = len(query(warehouse, f"{_EVERYTHING} AND NOT i.correct").rows)
    async with drive(warehouse, "3", "down") as driver:
        assert f"2 of {total} questions" in driver.screen.subtitle
        await driver.press("end")
        assert f"{total} of {total} questions" in driver.screen.subtitle
        await driver.press(*["pageup"] * 6)
        place = driver.screen.query_one(Table).keys.index(driver.screen.query_one(Table).current_key)
        before = total - len(driver.screen.query_one(Table).keys)
        assert f"{before + place + 1} of {total} questions" in driver.screen.subtitle
        await driver.press("home", "w", "down")
        assert f"2 of {wrong} questions match" in driver.screen.subtitle


@pytest.mark.slow
async def test_marks_and_notes_are_kept_and_listed(drive, warehouse):
    async with drive(warehouse, "3", "down", "x", "down", "i") as driver:
        await driver.write("odd arrow")
        await driver.press("enter")
        assert get_mark(warehouse, "study-4b", 0, 1) == (True, None)
        assert get_mark(warehouse, "study-4b", 0, 2) == (False, "odd arrow")
        assert "odd arrow" in driver.text("#preview")
        signs = [str(driver.screen.query_one(Table).get_row_at(row)[0]) for row in range(4)]
        assert signs == [" ", "★", "✎", " "]
        await driver.press("u")
        assert listed(driver) == ["0.1", "0.2"] and "of 2 questions match" in driver.screen.subtitle
        await driver.press("0", "home", "down", "x")
        assert get_mark(warehouse, "study-4b", 0, 1) == (False, None)
        await driver.press("u")
        assert listed(driver) == ["0.2"]


@pytest.mark.slow
async def test_a_mark_set_elsewhere_is_seen_on_coming_back(drive, warehouse):
    async with drive(warehouse, "3", "enter") as driver:
        set_mark(warehouse, "study-4b", 0, 0, marked=True, note=None)
        await driver.press("escape")
        assert str(driver.screen.query_one(Table).get_row_at(0)[0]) == "★"


@pytest.mark.slow
async def test_sorted_lists_are_the_warehouse_s_order_to_the_end(drive, warehouse):
    after = "NULLS LAST, i.scene_id, i.question_index"
    of_answer = "run = i.run AND scene_id = i.scene_id AND question_index = i.question_index"
    moved = f"(SELECT avg(l1) FROM attention_shift WHERE {of_answer})"
    grounded = f"""(SELECT avg(entity_share - elsewhere_share) FROM attention_grounding_by_question
        WHERE {of_answer} AND variant = 'raw')"""
    orders = {
        "probability of the option chosen, least": f"{_CHOSEN} {after}",
        "probability of the option chosen, most": f"{_CHOSEN} DESC {after}",
        "shift": f"{moved} DESC {after}",
        "chance, most": f"{grounded} DESC {after}",
        "chance, least": f"{grounded} {after}",
        "category": "q.category, i.scene_id, i.question_index",
        "scene and question": "i.scene_id, i.question_index",
    }
    async with drive(warehouse, "3") as driver:
        for words, order in orders.items():
            expected = [key for (key,) in query(warehouse, f"{_EVERYTHING} ORDER BY {order}").rows]
            await driver.press("s")
            await driver.write(words)
            await driver.press("enter")
            assert listed(driver) == expected[:PAGE], order
            assert driver.screen.query_one(Table).current_key == expected[0]
            await driver.press("end")
            assert listed(driver)[-PAGE:] == expected[-PAGE:], order
            assert driver.screen.query_one(Table).current_key == expected[-1]
            await driver.press("home")


@pytest.mark.slow
async def test_a_number_goes_to_that_question(drive, warehouse):
    scene_id, question_index = query(warehouse, """
        SELECT max(scene_id), max_by(question_index, (scene_id, question_index)) FROM inference
        WHERE run = 'study-4b'""").rows[0]  # fmt: skip
    key = f"{scene_id}.{question_index}"
    async with drive(warehouse, "3", "slash") as driver:
        await driver.write("circle")
        for _ in "circle":
            await driver.pilot.press("backspace")
        await driver.write(key)
        table = driver.screen.query_one(Table)
        assert table.current_key == key
        await driver.press("enter")
        assert driver.screen.focused is table and driver.screen.query_one("#text").value == ""
        await driver.press("up", "up")
        assert len(listed(driver)) > PAGE  # what stands before it was read
        await driver.press("slash")
        await driver.write("4711.3")
        assert "4711.3 is not in this list" in driver.notices[-1]


@pytest.mark.parametrize("size", [pytest.param((80, 24), marks=pytest.mark.slow), (120, 40)])
async def test_a_list_without_rows_says_how_to_get_them_back(drive, warehouse, size):
    async with drive(warehouse, "3", size=size) as driver:
        driver.app.selection.filter.text = "no such words"
        await driver.press("r")
        table = driver.screen.question_list
        lines = [table.render_line(y).text for y in range(4)]
        assert any("No question matches; 0 clears the filter." in line for line in lines)
        await driver.press("0")
        assert table.row_count and "No question" not in table.render_line(2).text


@pytest.mark.slow
async def test_the_field_says_what_it_finds_as_far_as_it_is_wide(drive, warehouse):
    async with drive(warehouse, "3", size=(80, 24)) as driver:
        for size in (None, (120, 40), (200, 60), (80, 24)):
            if size:
                await driver.pilot.resize_terminal(*size)
            await driver.settle()
            field = driver.screen.query_one("#text", Input)
            assert "25.108" in field.placeholder and len(field.placeholder) <= field.content_size.width
