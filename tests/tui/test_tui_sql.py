"""Screen 8: SQL typed, completed, run, stopped, refused; examples and names to begin from."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relcli.tui.frame.settings import load_settings
from relcli.tui.sql.editor import CompletionList, SqlEditor
from relcli.tui.sql.language import (
    KEYWORDS,
    Catalogue,
    History,
    spans,
    suggest,
)
from relcli.tui.sql.names import NameTree
from relcli.tui.sql.result_table import ResultTable, cell, in_full
from relcli.tui.sql.sorting import Order, ordered_sql, sorted_rows
from relcli.warehouse.examples import examples
from relcli.warehouse.reads import read
from relcli.warehouse.rows import query
from tests.tui.tui_driver import SMALL, Driver

ROWS = [
    {
        "kind": kind,
        "name": name,
        "comment": "",
        "column_name": column,
        "data_type": "INT",
        "column_comment": "",
    }
    for kind, name, columns in (
        ("table", "run", ("run", "model")),
        ("view", "run_state", ("run", "state")),
        ("macro", "wilson_low", ("k", "n")),
    )
    for column in columns
]
CATALOGUE = Catalogue.of(ROWS)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("FROM ru", "", ["run", "run_state"]),
        ("FROM STATE", "", ["run_state"]),
        ("SELECT r.mo", " FROM run AS r", ["model"]),
        ("SELECT run.", " FROM run", ["run", "model"]),
        ("FROM run JOIN run_state s ON s.s", "", ["state"]),
        ("FROM run WHERE mod", "", ["model"]),
        ("from run whe", "", ["where", "when"]),
        ("FROM run WHE", "", ["WHERE", "WHEN"]),
        ("SELECT wil", "", ["wilson_low("]),
        ("SELECT x.", "", []),
        ("SELECT 'mod", "", []),
        ("SELECT 'it''s' mode", " FROM run", ["model"]),
        ("FROM run -- mod", "", []),
        ("SELECT 12", "", []),
        ("", "", []),
    ],
)
def test_what_may_come_next(before, after, expected):
    _, found = suggest(before, before + after, CATALOGUE)
    assert [each.text for each in found][: len(expected)] == expected and bool(found) == bool(expected)


@example("A\n", "")
@given(st.text(), st.text())
def test_suggestions_end_what_was_typed(before, after):
    typed, found = suggest(before, before + after, CATALOGUE)
    assert 0 <= typed <= len(before)
    for each in found:
        assert before[len(before) - typed :].lower() in each.text.lower()


@given(st.text(alphabet=st.characters(exclude_characters="\n\r")))
def test_colours_stay_within_their_line(line):
    ends = 0
    for start, end, _ in spans(line):
        assert ends <= start < end <= len(line)
        ends = end


def test_words_are_told_apart():
    line = """SELECT "from", 'a''b', 1.5 FROM x -- where"""
    found = [(line[start:end], kind) for start, end, kind in spans(line)]
    assert found == [
        ("SELECT", "keyword"),
        ("'a''b'", "string"),
        ("1.5", "number"),
        ("FROM", "keyword"),
        ("-- where", "comment"),
    ]
    assert len(set(KEYWORDS)) == len(KEYWORDS)


def test_history_goes_back_and_returns_to_what_was_being_written():
    history = History(["one", "two"])
    assert [history.move(-1, "draft"), history.move(-1, "two"), history.move(-1, "one")] == [
        "two",
        "one",
        None,
    ]
    assert [history.move(1, "one"), history.move(1, "two"), history.move(1, "draft")] == [
        "two",
        "draft",
        None,
    ]
    history.add("one")
    assert history.entries == ["two", "one"] and history.move(-1, "") == "one"
    assert History([*map(str, range(500))]).entries[0] == "400"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "NULL"),
        (b"\x89PNG" * 500, "<2,000 bytes>"),
        ([0.123456] * 64, "[0.1235, 0.1235, 0.1235, 0.1235, 0.1235, 0.1235, … 64 in all]"[:43] + "…"),
        (["a", None], "[a, NULL]"),
        (1 / 3, "0.333333"),
        (True, "true"),
        ("two\nlines", "two\\nlines"),
        ({"a": 1}, "{a: 1}"),
    ],
)
def test_values_fit_their_cells(value, shown):
    assert cell(value).plain == shown


def test_values_in_full():
    assert in_full([0.5, None]) == "[0.5, None]" and in_full("two\nlines") == "two\nlines"


def table(driver: Driver) -> list[list[str]]:
    rows = driver.screen.query_one(ResultTable)
    return [[str(value) for value in rows.get_row_at(at)] for at in range(rows.row_count)]


async def ask(driver: Driver, sql: str, key: str = "f5") -> str:
    """Put a statement into the editor, run it, and give back what the line below says."""
    driver.screen.query_one(SqlEditor).put(sql)
    await driver.press(key)
    return driver.text("#state")


@pytest.mark.slow
async def test_a_question_is_typed_completed_and_answered(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        popup = driver.screen.query_one(CompletionList)
        await driver.press("f7", "delete")
        await driver.write("from raw_vs")
        assert popup.open and popup.chosen.text == "raw_vs_masked"
        await driver.press("down", "up", "tab")
        assert not popup.open
        await driver.write(" where run = 'small-2b' and cat")
        await driver.press("tab")
        await driver.write(" = 'count'")
        editor = driver.screen.query_one(SqlEditor)
        assert editor.text == "from raw_vs_masked where run = 'small-2b' and category = 'count'"
        await driver.press("ctrl+j")
        expected = query(warehouse, editor.text)
        assert driver.text("#state").startswith("1 row in ")
        shown = driver.screen.query_one(ResultTable)
        assert [str(column.label) for column in shown.ordered_columns] == expected.columns
        assert table(driver)[0][:3] == ["small-2b", "count", str(expected.rows[0][2])]
        await driver.press("escape", "right", "y")
        assert driver.app.clipboard == "count"
        await driver.press("enter", "escape", "slash", "escape", "f3", "y")
        assert driver.app.clipboard == editor.text
    assert load_settings().statements == [editor.text]
    async with drive(warehouse, "8") as driver:
        assert driver.screen.query_one(SqlEditor).text == editor.text


async def test_what_goes_wrong_is_said_where_it_is_typed(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        assert "(line 2, column 9)" in await ask(driver, "FROM run\n  WHERE modell = 1")
        assert driver.screen.query_one(SqlEditor).cursor_location == (1, 8)
        assert 'Did you mean "inference"' in await ask(driver, "FROM inferense")
        assert driver.screen.query_one("#state").has_class("-bad")
        assert "only reads" in await ask(driver, "DELETE FROM run")
        assert "2 statements" in await ask(driver, "SELECT 1; SELECT 2")
        assert "There is no SQL" in await ask(driver, "")
        assert (await ask(driver, "SELECT 1;")).startswith("1 row in ")
        assert not driver.screen.query_one("#state").has_class("-bad")
        assert driver.app.settings.statements == ["SELECT 1;"]


@pytest.mark.slow
async def test_brackets_in_names_and_values_are_letters(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        await ask(driver, "SELECT '[/b]' AS \"[/red]\"")
        await driver.press("escape", "enter")
        assert str(driver.app.screen.query_one("#value").render()) == "[/b]"


@pytest.mark.slow
async def test_many_rows_are_limited_and_all_of_them_exported(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        assert "first 1,000 rows" in await ask(driver, "FROM range(2500) -- all")
        shown = driver.screen.query_one(ResultTable)
        assert shown.row_count < 1000
        await driver.press("escape", "end")
        assert shown.row_count == 1000 and shown.cursor_row == 999
        await driver.press("e")
        driver.app.screen.query_one("#target").value = "out.csv"
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
        assert len(Path("out.csv").read_text().splitlines()) == 2501


@pytest.mark.slow
async def test_rows_are_sorted_by_key_and_click_and_exported_so(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        await ask(driver, "SELECT * FROM (VALUES ('b', 10), ('a', NULL), ('c', 9)) AS t(word, n); -- three")
        await driver.press("escape", "right", "s")
        shown = driver.screen.query_one(ResultTable)
        assert [row[1] for row in table(driver)] == ["9", "10", "NULL"]
        assert [str(column.label) for column in shown.ordered_columns] == ["word", "n ▲"]
        await driver.press("s")
        assert [row[1] for row in table(driver)] == ["10", "9", "NULL"]
        await driver.press("e")
        driver.app.screen.query_one("#target").value = "sorted.csv"
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
        assert Path("sorted.csv").read_text().split() == ["word,n", "b,10", "c,9", "a,"]
        await driver.press("s")
        assert [row[0] for row in table(driver)] == ["b", "a", "c"]
        await driver.pilot.click(ResultTable, offset=(2, 0))
        await driver.settle()
        assert [row[0] for row in table(driver)] == ["a", "b", "c"]


@pytest.mark.slow
async def test_what_is_cut_off_is_sorted_by_the_database(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        await ask(driver, "FROM range(2500)")
        await driver.press("escape", "s", "s")
        await driver.app.workers.wait_for_complete()
        await driver.settle()
        assert table(driver)[0] == ["2499"] and "first 1,000 rows" in driver.text("#state")
        assert driver.app.settings.statements == ["FROM range(2500)"]


@pytest.mark.slow
async def test_rows_of_the_question_before_are_dim_after_an_error(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        await ask(driver, "SELECT 1")
        shown = driver.screen.query_one(ResultTable)
        assert shown.styles.opacity == 1.0
        await ask(driver, "SELECT one")
        assert shown.styles.opacity < 0.6 and table(driver) == [["1"]]
        await ask(driver, "SELECT 2")
        assert shown.styles.opacity == 1.0


@given(st.lists(st.none() | st.floats(width=32) | st.integers(-5, 5), max_size=12), st.booleans())
def test_rows_are_sorted_as_the_database_does(values, descending):
    order = Order(0, descending)
    rows = [(None if value is None else value + 0.0,) for value in values]  # no -0.0, which is like 0.0
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (x DOUBLE)")
        if rows:
            connection.executemany("INSERT INTO t VALUES (?)", rows)
        found = connection.execute(ordered_sql("FROM t", order)).fetchall()
    assert list(map(repr, sorted_rows(rows, order))) == list(map(repr, found))


@pytest.mark.slow
async def test_a_long_question_is_stopped_and_the_screen_stays_awake(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        driver.screen.query_one(SqlEditor).put(
            "SELECT count(*) FROM range(10_000_000_000) AS t(x) WHERE sqrt(x) < 0"
        )
        await driver.pilot.press("f5")
        while "Asking" not in driver.text("#state"):
            await driver.pilot.pause(0.05)
        await driver.pilot.press("f5", "f2")  # refused, and the keys work
        assert driver.app.focused is driver.screen.query_one("#examples")
        await driver.pilot.press("escape")
        await driver.settle()
        assert driver.text("#state").startswith("Stopped after ")
        assert "1 row" in await ask(driver, "SELECT 1")


async def test_an_example_is_picked_explained_and_run(drive, warehouse):
    async with drive(warehouse, "8", "f2", "down", size=SMALL) as driver:
        chosen = examples()[1]
        assert chosen.about in " ".join(driver.text("#about").split())
        await driver.press("enter")
        assert driver.screen.query_one(SqlEditor).text == chosen.sql
        assert f"{len(query(warehouse, chosen.sql).rows)} rows in " in driver.text("#state")


@pytest.mark.slow
async def test_names_are_browsed_asked_for_and_inserted(drive, warehouse):
    async with drive(warehouse, "8", "f3") as driver:
        tree = driver.screen.query_one(NameTree)
        heads = [str(node.label) for node in tree.root.children]
        kinds = {row["name"]: row["kind"] for row in read(warehouse, "catalogue").as_dicts()}
        for head, kind in zip(heads, ("view", "table", "macro"), strict=True):
            assert f"({sum(each == kind for each in kinds.values())})" in head
        await driver.press("down", "down")
        assert "accuracy_by_category, a view" in driver.text("#about")
        await driver.press("F")
        assert driver.screen.query_one(SqlEditor).text == "FROM accuracy_by_category"
        assert "rows in" in driver.text("#state")
        await driver.press("f3", "right", "down", "enter")
        assert driver.screen.query_one(SqlEditor).text == "FROM accuracy_by_categoryrun"


@pytest.mark.slow
async def test_earlier_statements_come_back(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        for sql in ("SELECT 1", "SELECT 2"):
            await ask(driver, sql)
        editor = driver.screen.query_one(SqlEditor)
        editor.put("draft")
        await driver.press("up", "up")
        assert editor.text == "SELECT 1"
        await driver.press("ctrl+down", "down")
        assert editor.text == "draft"


@pytest.mark.slow
async def test_the_warehouse_may_be_missing_and_appear(drive, warehouse):
    Path("kit.duckdb").rename("aside.duckdb")
    async with drive(warehouse, "8") as driver:
        assert "There is no warehouse at kit.duckdb" in driver.problem
        assert "There is no warehouse at kit.duckdb" in await ask(driver, "FROM run")
        Path("aside.duckdb").rename("kit.duckdb")
        await driver.press("escape", "r")
        assert driver.problem == "" and driver.screen.query_one(SqlEditor).catalogue.relations


@pytest.mark.slow
async def test_leaving_the_editor_gives_the_keys_back(drive, warehouse):
    async with drive(warehouse, "8", size=SMALL) as driver:
        await driver.press("1")
        assert driver.screen.tab == "sql"
        for size in ((120, 40), (50, 10), SMALL):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
        await driver.press("f2", "escape", "escape", "1")
        assert driver.screen.tab == "runs"


@pytest.mark.slow
async def test_running_closes_the_list_of_words(drive, warehouse):
    async with drive(warehouse, "8") as driver:
        driver.screen.query_one(SqlEditor).text = ""
        await driver.write("FROM ru")
        popup = driver.screen.query_one(CompletionList)
        assert popup.open
        await driver.press("f5")
        assert not popup.open
