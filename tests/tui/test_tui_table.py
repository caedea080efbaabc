"""Cells of a table are drawn as Textual draws them, only quicker."""

from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.app import App
from textual.widgets import DataTable

from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Table

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
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


async def test_a_cell_that_changes_is_drawn_anew(table):
    table.fill([("a", 5)], [("0", ["one"]), ("1", ["two"])])
    base = Style()
    before = table._render_cell(1, 0, base, 7)
    table.update_cell_at((1, 0), Text("six"))
    assert "six" in "".join(segment.text for segment in table._render_cell(1, 0, base, 7)[0])
    assert "two" in "".join(segment.text for segment in before[0])
