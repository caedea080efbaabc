"""What stands in a warehouse is shown by the terminal application, and never obeyed."""

import re
from pathlib import Path

import pytest
from rich.text import Text as RichText
from textual.widgets import Input

import relcli.tui
from relcli.tui.frame.registry import ENTRIES
from relcli.tui.sql.editor import SqlEditor
from relcli.tui.widgets.safe_text import Text, seen
from relcli.visible import unseen
from relcli.warehouse.opening import connect
from tests.tiers import quick_where

EVIL = "[red]e\x1b]0;t\x07\x1b[31m\x9b\u202ev\u2066\x7f\r[/red]"
SHOWN = "[red]e\\x1b]0;t\\x07\\x1b[31m\\x9b\\u202ev\\u2066\\x7f\\r[/red]"


def on_screen(driver) -> str:
    """Everything that goes to the terminal for the screen as it is."""
    strips = driver.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def evil(warehouse: Path) -> Path:
    """A warehouse from somebody unkind: every word in it that is shown somewhere."""
    with connect(warehouse, read_only=False) as connection:
        for change in (
            "UPDATE run SET model = $evil, revision = $evil, device = $evil, dtype = $evil, message = $evil",
            "UPDATE question_text SET stem = $evil, text = $evil, flaws = [$evil], options = [$evil, $evil]",
            "UPDATE answer SET answer = $evil",
        ):
            connection.execute(change, {"evil": EVIL})
    return warehouse


QUICK = ("questions", "overview", "layers")


@pytest.mark.parametrize(
    "entry",
    quick_where((entry for entry in ENTRIES if entry.name != "sql"), lambda entry: entry.name in QUICK),
    ids=lambda entry: entry.name,
)
async def test_no_screen_lets_anything_through(drive, warehouse, entry):
    async with drive(evil(warehouse), entry.key) as driver:
        told = on_screen(driver)
        assert entry.name == driver.screen.tab and {each for _, each in unseen(told)} <= {"\\n"}
        if entry.name in ("overview", "questions", "question"):
            assert "[red]e\\x1b]0;t" in told
        await driver.press("c")
        assert {each for _, each in unseen(on_screen(driver))} <= {"\\n"}


@pytest.mark.slow
async def test_results_of_sql_and_their_headings_are_shown(drive, warehouse):
    chars = "||".join(f"chr({ord(letter)})" for letter in EVIL)
    name = EVIL.replace("\r", "")
    async with drive(warehouse, "8") as driver:
        driver.screen.query_one(SqlEditor).text = f'SELECT {chars} AS "{name}", [{chars}] AS list'
        await driver.press("f5")
        table = driver.screen.query_one("#rows")
        heading = next(iter(table.columns.values())).label.plain
        assert heading.startswith("[red]e\\x1b]0;t\\x07")
        told = on_screen(driver)
        assert {each for _, each in unseen(told)} <= {"\\n"} and told.count("[red]e\\x1b") >= 3
        table.focus()
        await driver.press("enter")
        told = on_screen(driver)
        assert SHOWN in told and {each for _, each in unseen(told)} <= {"\\n"}
        await driver.press("y")
        assert driver.app.clipboard == EVIL, "what is copied is exact"
        driver.screen.query_one(SqlEditor).text = f"SELECT '{EVIL}' FROM nowhere"
        await driver.press("f5")
        assert {each for _, each in unseen(on_screen(driver))} <= {"\\n"}


@pytest.mark.slow
async def test_notices_titles_and_fields_are_gated_too(drive, warehouse):
    async with drive(warehouse, "3", "slash") as driver:
        driver.screen.query_one("#text", Input).value = EVIL
        driver.app.notify(EVIL, title=EVIL)
        driver.screen.notify(EVIL)
        await driver.settle()
        driver.screen.show_problem(EVIL)
        await driver.pilot.pause()
        told = on_screen(driver)
        assert {each for _, each in unseen(told)} <= {"\\n"} and "\ufffd" in told
        assert driver.problem == SHOWN and SHOWN in told
        assert driver.notices == [SHOWN, SHOWN]


async def test_hints_in_problems_carry_the_database(drive, warehouse):
    from relcli import hints

    hints.begin(["run", "db migrate"])
    hints.name_database(warehouse)
    try:
        async with drive(warehouse) as driver:
            driver.screen.show_problem("`relcli db migrate` first.")
            assert driver.problem == "`relcli db migrate --db kit.duckdb` first."
    finally:
        hints.begin([])


def test_a_text_of_anybody_keeps_its_styles():
    made = RichText.assemble(("a\x1bb", "bold"), "\u202e", ("c", "red"))
    shown = seen(made)
    assert shown.plain == "a\\x1bb\\u202ec"
    assert [(span.start, span.end) for span in shown.spans if span.style == "red"] == [(12, 13)]
    bold = {at for span in shown.spans if span.style == "bold" for at in range(span.start, span.end)}
    assert bold == set(range(6))
    assert seen(RichText("plain\nlines")).plain == "plain\nlines"
    assert Text("\x07").append("\r").plain == "\\x07\\r"


def test_nobody_goes_around_it():
    """Texts and words are made by the application's own classes, which show what can't be seen."""
    for path in Path(relcli.tui.__file__).parent.rglob("*.py"):
        if path.name not in ("safe_text.py", "safe_static.py"):
            source = path.read_text()
            assert not re.search(r"^from rich\.text import .*\bText\b", source, re.M), path
            assert not re.search(r"^from textual\.widgets import .*\bStatic\b", source, re.M), path
