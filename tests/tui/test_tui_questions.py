"""Screen 3: what is listed is what the warehouse holds, whatever the filter, and wherever one scrolls."""

from relcli.tui.widgets.table import Table
from relcli.warehouse.rows import query


def listed(driver) -> list[str]:
    return list(driver.screen.query_one(Table).keys)


def expected(path, where: str) -> list[str]:
    sql = f"""
        SELECT i.scene_id || '.' || i.question_index
        FROM inference AS i JOIN question AS q USING (dataset, scene_id, question_index)
        LEFT JOIN inference AS m ON m.run = i.run AND m.scene_id = i.scene_id
            AND m.question_index = i.question_index AND m.variant = 'masked'
        WHERE i.run = 'study-4b' AND i.variant = 'raw' AND ({where})
        ORDER BY i.scene_id, i.question_index LIMIT 200
    """
    return [key for (key,) in query(path, sql).rows]


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


async def test_words_are_found_in_questions(drive, warehouse):
    async with drive(warehouse, "3", "slash") as driver:
        await driver.write("cyan")
        assert listed(driver) == expected(warehouse, "contains(lower(q.text), 'cyan')")
        assert "match" in driver.screen.subtitle
        await driver.press("enter", "0")
        assert len(listed(driver)) == 200


async def test_a_category_is_chosen_from_a_list(drive, warehouse):
    async with drive(warehouse, "3", "t") as driver:
        await driver.write("spatial")
        await driver.press("enter")
        assert listed(driver) == expected(warehouse, "q.category = 'implicit_spatial'")


async def test_the_whole_list_can_be_walked(drive, warehouse):
    """Pages join without a gap or a double, and the last row is the last question."""
    everything = [row[0] for row in query(warehouse, """
        SELECT scene_id || '.' || question_index FROM inference WHERE run = 'study-4b' AND variant = 'raw'
        ORDER BY scene_id, question_index""").rows]  # fmt: skip
    async with drive(warehouse, "3") as driver:
        table = driver.screen.query_one(Table)
        assert listed(driver) == everything[:200]
        for _ in range(6):
            await driver.press("pagedown")
        assert listed(driver) == everything
        await driver.press("end")
        assert table.current_key == everything[-1]
        await driver.press("home")
        assert table.current_key == everything[0]


async def test_the_end_of_the_list_is_one_page_until_somebody_goes_up(drive, warehouse):
    async with drive(warehouse, "3", "end") as driver:
        table = driver.screen.query_one(Table)
        assert table.row_count == 200 and table.cursor_row == 199
        await driver.press(*["pageup"] * 6)
        assert table.row_count > 200


async def test_enter_shows_the_question(drive, warehouse):
    async with drive(warehouse, "3", "down", "down", "enter") as driver:
        assert driver.screen.NAME == "question"
        assert driver.app.selection.key == (0, 2)
        await driver.press("escape")
        assert driver.screen.query_one(Table).current_key == "0.2"


async def test_nothing_found_says_how_to_go_on(drive, warehouse):
    async with drive(warehouse, "3", "slash") as driver:
        await driver.write("unicorn")
        assert listed(driver) == []
        assert "0 clears the filter" in driver.text("#preview")


async def test_esc_leaves_the_field_before_the_screen(drive, warehouse):
    async with drive(warehouse, "3", "slash") as driver:
        await driver.write("circle")
        await driver.press("escape")
        assert driver.screen.NAME == "questions" and isinstance(driver.screen.focused, Table)
        assert driver.app.selection.filter.text == "circle"
        await driver.press("escape")
        assert driver.screen.NAME == "runs"
