"""Every key on every screen does what the table of keys says, and help, footer and palette name it."""

import pytest
from textual.dom import DOMNode
from textual.widgets import DataTable
from textual.widgets._footer import FooterKey

from relcli.tui.app import RelcliApp
from relcli.tui.frame.palette import needs_saying
from relcli.tui.frame.registry import ENTRIES
from tests.tui.key_kit import EFFECTS, OF_TAB, changes, painted
from tests.tui.tui_driver import Driver

_PRESSED_ELSEWHERE = {"start", "resume_run", "resume", "suspend_process", "quit", "copy_or_quit", "press"}
"""They start processes, or end the application; tests of their own press them."""
_NEEDS_MORE = {
    "scroll_words(1)": "words that are longer than their place",
    "scroll_words(-1)": "words that are longer than their place",
    "token(1)": "a run that keeps rows of the question",
    "token(-1)": "a run that keeps rows of the question",
    "published": "figures of a publication",
    "offer": "a word that was begun",
    "walk(-1)": "SQL that was asked before",
    "walk(1)": "SQL that was asked before",
    "variant": "a second picture in the list",
}
"""What the warehouse of the test, or a screen of this size, lacks for these to be seen."""
_FIRST = {"cursor_down", "last_row"}  # pressed in the first row, all others in the second


def _declared(node: DOMNode) -> set[tuple[str, str]]:
    """Actions and words that classes of relcli bind on a node."""
    return {
        (each.action, each.description)
        for cls in type(node).__mro__
        if cls.__module__.startswith("relcli.")
        for each in cls.__dict__.get("BINDINGS", ())
    }


def _bound(app: RelcliApp) -> dict[str, str]:
    """By key, the action that relcli binds to it here and now."""
    return {
        key: active.binding.action
        for key, active in app.screen.active_bindings.items()
        if active.enabled and (active.binding.action, active.binding.description) in _declared(active.node)
    }


async def _rest(driver: Driver, tab: str, action: str) -> None:
    """As somebody who has just come to the screen: no window, no filter, the cursor in its first rows."""
    app = driver.app
    while app.is_covered:
        await driver.press("escape")
    app.go(tab)
    app.selection.filter.clear()
    app.selection.layer = 1
    await driver.settle()
    if tables := driver.screen.query(DataTable):
        table = tables.first()
        if table.display and tab not in ("sql", "question"):
            table.focus()
            table.move_cursor(row=0 if action in _FIRST else 1)
    app.clear_notifications()
    await driver.settle()


async def _press_each(driver: Driver, tab: str) -> tuple[int, list[str]]:
    """How many keys were pressed, and which did not do what they say."""
    pressed, failed = 0, []
    for key in [*_bound(driver.app)]:
        action = _bound(driver.app).get(key)
        if action is None or action in {*_PRESSED_ELSEWHERE, *_NEEDS_MORE} or action.startswith("go("):
            continue
        await _rest(driver, tab, action)
        check = OF_TAB.get((tab, action)) or EFFECTS.get(action) or changes(painted)
        try:
            await check(driver, key)
        except AssertionError as problem:
            failed.append(f"{key}, bound to {action}: {str(problem).splitlines()[:1]}")
        pressed += 1
        await _rest(driver, tab, "")
    return pressed, failed


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
@pytest.mark.slow
async def test_every_key_of_every_screen_does_what_it_says(drive, probed, entry):
    async with drive(probed, entry.key) as driver:
        pressed, failed = await _press_each(driver, entry.name)
        assert pressed >= 9 and failed == [] and driver.app.is_running


@pytest.mark.slow
async def test_a_few_keys_do_what_they_say(drive, warehouse):
    """The quick part: finding, filtering, marks, help, SQL, and the way back."""
    async with drive(warehouse, "3") as driver:
        for key in ("slash", "w", "x", "question_mark", "Q", "escape"):
            action = _bound(driver.app)[key]
            await (OF_TAB.get(("questions", action)) or EFFECTS[action])(driver, key)
        await driver.press("escape")
        assert driver.screen.tab == "runs" and driver.app.is_running


_TOUR = (
    ("runs", "E"), ("overview", "S"), ("question", "v"), ("layers", "equals_sign"), ("layers", "d"),
    ("probes", "o"), ("launch", "y"), ("sql", "f5"), ("heads", "question_mark"),
)  # fmt: skip


@pytest.mark.slow
async def test_a_key_of_each_screen_does_what_it_says(drive, warehouse):
    """The quick part of the others."""
    async with drive(warehouse) as driver:
        for tab, key in _TOUR:
            driver.app.go(tab)
            await driver.settle()
            action = _bound(driver.app)[key]
            check = OF_TAB.get((tab, action)) or EFFECTS.get(action) or changes(painted)
            await check(driver, key)
        assert {tab for tab, _ in _TOUR} == {entry.name for entry in ENTRIES} - {"questions"}


@pytest.mark.slow
async def test_numbers_go_to_their_screens(drive, warehouse):
    async with drive(warehouse) as driver:
        for entry in (*ENTRIES, *reversed(ENTRIES)):
            if driver.screen.tab == "sql":
                await driver.press("escape")  # digits are letters in the editor
            await driver.press(entry.key)
            assert driver.screen.tab == entry.name


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
@pytest.mark.slow
async def test_help_footer_and_palette_name_what_is_bound(drive, warehouse, entry):
    async with drive(warehouse, entry.key) as driver:
        app: RelcliApp = driver.app
        active = [each for each in app.screen.active_bindings.values() if each.enabled]
        listed = app._keys()
        here, everywhere = ({what for _, what in listed[name]} for name in ("this screen", "everywhere"))
        offered = [command.title for command in app.get_system_commands(driver.screen)]
        for each in active:
            if needs_saying(each.binding):
                assert each.binding.description in (everywhere if each.node is app else here)
                if each.node is not app:
                    name = f"{each.binding.description} ({app.get_key_display(each.binding)})"
                    assert any(title.startswith(f"{each.binding.description} (") for title in offered), name
        assert {"Help", "Back", "Quit", "Screens"} <= everywhere
        assert len(offered) == len(set(offered))
        footer = {each.action for each in driver.screen.query(FooterKey)} - {"command_palette"}
        assert footer == {each.binding.action for each in active if each.binding.show} - {"command_palette"}
        await driver.press("f1" if entry.name == "sql" else "question_mark")
        text = driver.app.screen.keys
        assert all(each.binding.description in text for each in active if needs_saying(each.binding))


@pytest.mark.slow
async def test_a_command_of_the_screen_is_run_from_the_palette(drive, warehouse):
    async with drive(warehouse, "3") as driver:
        await driver.press("ctrl+p")
        await driver.write("what differs")
        await driver.pilot.pause(0.3)
        await driver.press("escape", "ctrl+p")
        await driver.write("sort (s)")
        await driver.pilot.pause(0.3)
        await driver.press("enter")
        assert driver.app.is_covered and "Sort by" in str(driver.app.screen.query_one(".window").border_title)
