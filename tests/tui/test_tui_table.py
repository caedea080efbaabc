"""Cells of a table are drawn as Textual draws them, only quicker."""

from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.app import App
from textual.coordinate import Coordinate
from textual.geometry import Region
from textual.widgets import DataTable

from relcli.tui.widgets.quick_rows import QuickRows, is_known
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Table
from tests.examples import examples

_FORTY = settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_STYLES = st.sampled_from(["", "bold", "red", "dim on blue", "not bold underline"])
_WORDS = st.text(st.sampled_from("ab \u00e9\u2713\u6f22\U0001f600-"), max_size=14)
_CELLS = st.builds(
    lambda parts, justify, style, overflow: Text.assemble(
        *parts, justify=justify, style=style, overflow=overflow
    ),
    st.lists(st.tuples(_WORDS, _STYLES), max_size=4),
    st.sampled_from([None, "right"]),
    _STYLES,
    st.sampled_from([None, "ellipsis", "crop", "fold"]),
)


class Cells(App):
    def compose(self):
        yield Table(id="cells")


def looks(lines):
    """The characters of each line, each with its style."""
    found = [[(segment.style, letter) for segment in line for letter in segment.text] for line in lines]
    return [[(style, [*of]) for style, of in groupby(line, lambda each: each[0])] for line in found]


@pytest.fixture
async def table():
    app = Cells()
    async with app.run_test(size=(60, 10)):
        yield app.query_one(Table)


@given(st.data())
@_FORTY
def drawn_alike(table, data):
    width = data.draw(st.integers(1, 20))
    cells = data.draw(st.lists(_CELLS, min_size=1, max_size=4))
    table.fill([("words", width)], [(str(place), [cell]) for place, cell in enumerate(cells)])
    base = Style(color="white", bgcolor="black")
    for place in range(len(cells)):
        for cursor in (False, True):
            table._cell_render_cache.clear()
            ours = table._render_cell(place, 0, base, width + 2, cursor)
            table._cell_render_cache.clear()
            textuals = DataTable._render_cell(table, place, 0, base, width + 2, cursor)
            assert looks(ours) == looks(textuals), cells[place]


async def test_cells_are_drawn_as_textual_draws_them(table):
    drawn_alike(table)


@given(st.data())
@_FORTY
def rows_drawn_alike(table, data):
    widths = data.draw(st.lists(st.integers(1, 30), min_size=1, max_size=4))
    row = st.lists(_CELLS, min_size=len(widths), max_size=len(widths))
    rows = data.draw(st.lists(row, min_size=1, max_size=4))
    columns = [(f"c{at}", width) for at, width in enumerate(widths)]
    table.fill(columns, [(str(at), cells) for at, cells in enumerate(rows)])
    table._update_dimensions(table.rows)
    table.move_cursor(row=data.draw(st.integers(0, len(rows) - 1)))
    table.hover_coordinate = Coordinate(data.draw(st.integers(0, len(rows) - 1)), 0)
    table._set_hover_cursor(data.draw(st.booleans()))
    x1, base = data.draw(st.integers(0, 20)), Style(color="white", bgcolor="black")
    for y in range(len(rows) + 2):  # with the headings, and a line below all rows
        found = []
        for drawn in (QuickRows._render_line, DataTable._render_line):
            table._clear_caches()
            found.append(drawn(table, y, x1, x1 + table.size.width, base))
        assert looks([found[0]]) == looks([found[1]])
        assert [each.style and each.style.meta for each in found[0]] == [
            each.style and each.style.meta for each in found[1]
        ]


async def test_rows_are_drawn_as_textual_draws_them(table):
    rows_drawn_alike(table)


def test_a_table_that_is_made_otherwise_keeps_textual_s_own_rows():
    class Later(DataTable):
        def _render_line(self, y, x1, x2, base_style, row_count):
            """As a version to come might have it."""

    gone = type("Gone", (DataTable,), {"_get_offsets": None})

    assert is_known(DataTable) and issubclass(Table, QuickRows)
    assert not is_known(Later) and not is_known(gone)


async def test_the_row_that_the_cursor_leaves_and_the_one_it_comes_to_are_drawn_anew(table):
    table.fill([("a", 5)], [("0", ["one"]), ("1", ["two"]), ("2", ["six"])])
    table._update_dimensions(table.rows)

    def rows():
        return [table._render_line(y, 0, 60, Style()) for y in (1, 2, 3)]

    before = rows()
    table.move_cursor(row=1)
    after = rows()
    assert [looks([one]) == looks([other]) for one, other in zip(before, after, strict=True)] == [
        False,
        False,
        True,
    ]
    assert after[2] is before[2]


async def test_a_cell_that_changes_is_drawn_anew(table):
    table.fill([("a", 5)], [("0", ["one"]), ("1", ["two"])])
    base = Style()
    before = table._render_cell(1, 0, base, 7)
    table.update_cell_at((1, 0), Text("six"))
    assert "six" in "".join(segment.text for segment in table._render_cell(1, 0, base, 7)[0])
    assert "two" in "".join(segment.text for segment in before[0])


async def test_a_list_is_scrolled_to_its_cursor_as_soon_as_it_is_filled():
    rows = [(str(at), [f"row {at}"]) for at in range(100)]
    async with Cells().run_test(size=(60, 10)) as pilot:
        table = pilot.app.query_one(Table)
        table.fill([("a", 8)], rows)
        await pilot.pause()
        table.fill([("a", 8)], rows, cursor=99)
        assert (table.cursor_row, table.scroll_offset.y) == (99, 100 + 1 - 10)
        table.fill([("a", 8)], rows, cursor=0)
        assert (table.cursor_row, table.scroll_offset.y) == (0, 0)
        table.fill([("a", 8)], rows[:3], cursor=99)
        assert (table.cursor_row, table.scroll_offset.y) == (2, 0)


async def test_the_cursor_stays_where_the_eye_is_when_rows_come_above():
    rows = [(str(at), [f"row {at}"]) for at in range(100)]
    async with Cells().run_test(size=(60, 10)) as pilot:
        table = pilot.app.query_one(Table)
        table.fill([("a", 8)], rows[50:], cursor=5)
        await pilot.pause()
        at = table.scroll_offset.y
        table.fill([("a", 8)], rows)
        assert (table.current_key, table.scroll_offset.y) == ("55", at + 50)


async def test_a_focus_that_goes_draws_only_the_row_under_the_cursor_anew():
    rows = [(str(at), [f"row {at}"]) for at in range(5)]
    async with Cells().run_test(size=(60, 10)) as pilot:
        table = pilot.app.query_one(Table)
        table.fill([("a", 8)], rows, cursor=2)
        table.focus()
        await pilot.pause()
        whole = Region(0, 0, 60, 10)
        before = [table._render_line(y, 0, 60, Style()) for y in range(1, 6)]
        pilot.app.set_focus(None)
        await pilot.resize_terminal(60, 12)  # the width is what it was
        await pilot.pause()
        table.render_lines(whole)
        after = [table._render_line(y, 0, 60, Style()) for y in range(1, 6)]

        kept = [one is other for one, other in zip(before, after, strict=True)]
        assert kept == [True, True, False, True, True]
        table._clear_caches()
        assert looks(after) == looks([DataTable._render_line(table, y, 0, 60, Style()) for y in range(1, 6)])


async def test_rows_are_drawn_anew_where_they_are_others_or_the_table_is_wider():
    async with Cells().run_test(size=(60, 10)) as pilot:
        table = pilot.app.query_one(Table)
        drawn = []
        for words, width in (("one", 60), ("two", 60), ("two", 50)):
            await pilot.resize_terminal(width, 10)
            table.fill([("a", 8)], [("0", [words])])
            await pilot.pause()
            drawn.append(table._render_line(1, 0, width, Style()))
        assert [line.text.strip() for line in drawn] == ["one", "two", "two"]
        assert [line.cell_length for line in drawn] == [60, 60, 50]
