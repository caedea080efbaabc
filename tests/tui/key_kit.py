"""What each key is seen to do: by the action it is bound to, how a person would tell that it worked."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual.widgets import DataTable

from relcli.tui.background.dialog import JobsDialog
from relcli.tui.cutting.panel import CutPanel
from relcli.tui.frame.export_dialog import ExportDialog, FigureDialog
from relcli.tui.frame.help import HelpDialog
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.question.own_question import OwnQuestion
from relcli.tui.widgets.dialog import ChooseDialog
from relcli.tui.widgets.question_dialog import ConfirmDialog, LineDialog
from tests.tui.tui_driver import Driver

Check = Callable[[Driver, str], Awaitable[None]]
Seen = Callable[[Driver], object]


def painted(driver: Driver) -> object:
    """All that can be seen: which screen, the cells with their styles, where keys go, and notices."""
    app = driver.app
    strips = app.screen._compositor.render_strips()
    cells = [[(each.text, str(each.style)) for each in strip] for strip in strips]
    return type(app.screen), cells, app.focused and app.focused.id, driver.notices


def changes(of: Seen) -> Check:
    """The key makes it another one."""

    async def check(driver: Driver, key: str) -> None:
        before = of(driver)
        await driver.press(key)
        assert of(driver) != before

    return check


def becomes(of: Seen, value: object) -> Check:
    """The key makes it this one, whatever it was."""

    async def check(driver: Driver, key: str) -> None:
        await driver.press(key)
        assert of(driver) == value

    return check


def opens(dialog: type, *, closes: bool = False) -> Check:
    """A window opens; esc closes it, and the key itself where it `closes`."""

    async def check(driver: Driver, key: str) -> None:
        for closing in ["escape", key] if closes else ["escape"]:
            await driver.press(key)
            assert isinstance(driver.app.screen, dialog), driver.app.screen
            await driver.press(closing)
            assert not driver.app.is_covered

    return check


def shows(panel: type[Any]) -> Check:
    """A panel of the screen opens; esc closes it."""

    async def check(driver: Driver, key: str) -> None:
        await driver.press(key)
        assert driver.screen.query_one(panel).is_open
        await driver.press("escape")
        assert not driver.screen.query_one(panel).is_open

    return check


def focuses(selector: str) -> Check:
    """Keys go there now; esc takes them back without leaving the screen."""

    async def check(driver: Driver, key: str) -> None:
        tab = driver.screen.tab
        await driver.press(key)
        assert driver.app.focused is driver.screen.query_one(selector)
        await driver.press("escape")
        assert driver.app.focused is not driver.screen.query_one(selector) and driver.screen.tab == tab

    return check


async def moves(driver: Driver, key: str) -> None:
    """The cursor of the table goes elsewhere, where there is another row."""
    table = driver.screen.query(DataTable).first()
    before = table.cursor_coordinate
    await driver.press(key)
    assert table.row_count < 2 or table.cursor_coordinate != before


async def runs_sql(driver: Driver, key: str) -> None:
    """A statement's rows, or what is wrong with it, are said."""
    await driver.press(key)
    assert driver.text("#state") or driver.problem


async def toggles_mark(driver: Driver, key: str) -> None:
    """A mark is set, and with the same key taken away."""
    for marked in (True, False):
        await driver.press(key)
        mark = driver.screen.marked_question()  # type: ignore[attr-defined]
        assert mark is not None and mark.marked is marked


async def reads_again(driver: Driver, key: str) -> None:
    """The screen loads what it shows once more."""
    loads, honest = [], WorkScreen._load

    async def noting(self: WorkScreen, quiet: bool) -> None:
        loads.append(self)
        await honest(self, quiet)

    WorkScreen._load = noting
    try:
        await driver.press(key)
    finally:
        WorkScreen._load = honest
    assert loads == [driver.screen]


async def copies(driver: Driver, key: str) -> None:
    """The clipboard has it, or a notice says why not."""
    before = driver.app.clipboard
    driver.app.clear_notifications()
    await driver.press(key)
    assert driver.app.clipboard != before or driver.notices


async def leads_back(driver: Driver, key: str) -> None:
    """Out of a field or panel, to the screens that one came from, and no further than the first."""
    for _ in range(20):
        await driver.press(key)
        if driver.screen.tab == "runs":
            break
    await driver.press(key)
    assert driver.screen.tab == "runs" and driver.app.is_running and not driver.app.is_covered


def or_notice(check: Check) -> Check:
    """As `check`, or a notice says why that can't be here."""

    async def either(driver: Driver, key: str) -> None:
        driver.app.clear_notifications()
        try:
            await check(driver, key)
        except AssertionError:
            assert driver.notices and not driver.app.is_covered

    return either


def place(driver: Driver) -> object:
    return driver.screen.tab, driver.app.selection.key, driver.app.selection.run


def chosen(name: str) -> Seen:
    return lambda driver: getattr(driver.app.selection.filter, name)


EFFECTS: dict[str, Check] = {
    "help": opens(HelpDialog, closes=True),
    "back": leads_back,
    "export": or_notice(opens(ExportDialog)),
    "save_figure": or_notice(opens(FigureDialog)),
    "sql": or_notice(opens(ChooseDialog)),
    "copy": copies,
    "refresh": reads_again,
    "jobs": opens(JobsDialog),
    "cancel_job": changes(painted),
    "compare": opens(ChooseDialog),
    "note": opens(LineDialog),
    "rename": opens(LineDialog),
    "delete": opens(ConfirmDialog),
    "mark": toggles_mark,
    "category": opens(ChooseDialog),
    "sort": opens(ChooseDialog),
    "cycle('status')": becomes(chosen("status"), "wrong"),
    "cycle('change')": becomes(chosen("change"), "flipped"),
    "cycle('flawed')": becomes(chosen("flawed"), "yes"),
    "cycle('marked')": becomes(chosen("marked"), "yes"),
    "cycle('differ')": changes(painted),
    "clear": becomes(chosen("narrowed"), False),
    "ask": shows(OwnQuestion),
    "cut": shows(CutPanel),
    "select_cursor": changes(painted),
    "cursor_down": moves,
    "cursor_up": moves,
    "first_row": moves,
    "last_row": moves,
    "run": runs_sql,
    "step(False, True)": changes(place),
    "step(True, True)": or_notice(changes(place)),
    "step(False, False)": changes(place),
    "step(True, False)": or_notice(changes(place)),
    "layer(1)": changes(lambda driver: driver.app.selection.layer),
    "layer(-1)": changes(lambda driver: driver.app.selection.layer),
    "all_layers": becomes(lambda driver: driver.app.selection.layer, None),
    "strength": changes(lambda driver: driver.app.settings.strength),
    "measures": opens(ChooseDialog),
}
"""By the action that a key is bound to. Any other action has to change what can be seen."""

OF_TAB: dict[tuple[str, str], Check] = {
    ("questions", "filter"): focuses("#text"),
    ("question", "filter"): opens(LineDialog),
    ("probes", "table"): changes(lambda driver: driver.screen.has_class("-table")),
}
"""Where a key's effect differs from screen to screen."""
