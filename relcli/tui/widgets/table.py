"""A DataTable that is filled as a whole and keeps the place."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import rich.text
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets.data_table import RowKey

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.safe_text import Text, seen
from relcli.visible import visible

Column = tuple[str, int | None]  # heading (">": to the right), width in cells (None: as its content)


class Table(DataTable[Any]):
    """Rows with a cursor over whole rows; j/k do what people of vi expect is left to the screens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("open", "select_cursor", show=True),
        bind("first", "first_row"),
        bind("last", "last_row"),
        bind("down", "cursor_down"),
        bind("up", "cursor_up"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, cursor_type="row", cursor_foreground_priority="renderable")
        self._headings: tuple[Column, ...] = ()
        self._empty = ""
        self._keys: list[str] = []

    def say_empty(self, sentence: str) -> None:
        """What stands below the headings while there are no rows."""
        if sentence != self._empty:
            self._empty = sentence
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if y == self.header_height + 1 and self._empty and not self.row_count:
            shown = f" {visible(self._empty)}"[: self.size.width].ljust(self.size.width)
            return Strip([Segment(shown, self.rich_style + Style(dim=True))], self.size.width)
        return super().render_line(y)

    def fill(
        self, columns: Sequence[Column], rows: Sequence[tuple[str, Sequence[Text | str]]], height: int = 1
    ) -> None:
        """Show these rows, (key, cells) each, `height` lines a row. The cursor stays on the row it was on, or
        near it."""
        here, line = self.current_key, self.cursor_row
        top = self.scroll_y
        if tuple(columns) != self._headings:
            self.clear(columns=True)
            self._headings = tuple(columns)
            for heading, width in columns:
                right = heading.startswith(">")
                self.add_column(
                    Text(heading.removeprefix(">"), justify="right" if right else None), width=width
                )
        else:
            self.clear()
        self._keys = [key for key, _ in rows]
        for key, cells in rows:
            shown = (Text(visible(cell)) if isinstance(cell, str) else seen(cell) for cell in cells)
            self.add_row(*shown, key=key, height=height)
        if rows:
            at = self._keys.index(here) if here in self._keys else min(line, len(rows) - 1)
            self.move_cursor(row=max(0, at), scroll=False)
            # Rows that came or went above move the view along, so that the cursor stays where the eye is.
            self.scroll_to(y=max(0, top + (at - line) * height), animate=False, immediate=True)
            self.call_after_refresh(self._scroll_cursor_into_view)

    def _update_dimensions(self, new_rows: Iterable[RowKey]) -> None:
        """As Textual's, which measures each cell of each new row: where columns and rows are as wide and high
        as they were told, nothing follows from that."""
        new_rows = list(new_rows)
        known = [self.rows[key] for key in new_rows if key in self.rows]
        told = not any(row.auto_height or row.label for row in known)
        if told and not any(column.auto_width for column in self.columns.values()):
            new_rows = []
        super()._update_dimensions(new_rows)

    def _render_cell(
        self,
        row_index: int,
        column_index: int,
        base_style: Style,
        width: int,
        cursor: bool = False,
        hover: bool = False,
    ) -> list[list[Segment]]:
        """As Textual's, in half the time for what nearly every cell is: a text on one line.

        Textual lays each cell out as if it were a page; for a list that is most of what a key takes.
        """
        if row_index < 0 or column_index < 0 or self.fixed_rows or self.fixed_columns:
            return super()._render_cell(row_index, column_index, base_style, width, cursor, hover)
        row, column = (
            self._row_locations.get_key(row_index),
            self._column_locations.get_key(column_index),
        )
        shown = (self._show_hover_cursor, self._update_count, self._pseudo_class_state)
        key: Any = (row, column, base_style, cursor, hover, *shown)
        if (known := self._cell_render_cache.get(key)) is not None:
            return known
        cell = None
        if row is not None and column is not None and self.rows[row].height == 1:
            cell = self._data[row][column]
        if not isinstance(cell, rich.text.Text) or not _is_one_line(cell):
            return super()._render_cell(row_index, column_index, base_style, width, cursor, hover)
        component, after = self._get_styles_to_render_cell(
            False, False, False, hover, cursor, self.show_cursor, self._show_hover_cursor,
            self.cursor_foreground_priority == "css", self.cursor_background_priority == "css",
        )  # fmt: skip
        before = base_style + Style.from_meta({"row": row_index, "column": column_index}) + component
        lines = [one_line(cell, width, self.cell_padding, before, after, self.app.console)]
        self._cell_render_cache[key] = lines
        return lines

    @property
    def keys(self) -> Sequence[str]:
        return self._keys

    @property
    def current_key(self) -> str | None:
        """Key of the row under the cursor."""
        return self._keys[self.cursor_row] if 0 <= self.cursor_row < len(self._keys) else None

    def select_key(self, key: str) -> bool:
        """Put the cursor on a row; False if it isn't there."""
        if key not in self._keys:
            return False
        self.move_cursor(row=self._keys.index(key))
        return True

    def action_first_row(self) -> None:
        self.move_cursor(row=0)

    def action_last_row(self) -> None:
        self.move_cursor(row=max(0, self.row_count - 1))


def _is_one_line(cell: rich.text.Text) -> bool:
    if {"\n", "\t"} & {*cell.plain}:
        return False
    return cell.justify in (None, "default") or (cell.justify == "right" and bool(cell.plain.strip()))


def one_line(
    cell: rich.text.Text, width: int, padding: int, before: Style, after: Style, console: Console
) -> list[Segment]:
    """A text that has no line breaks, in exactly `width` columns with `padding` at both ends, as rich lays it
    out in a cell that doesn't wrap. The styles go under and over its own."""
    room = max(0, width - 2 * padding)
    if cell.justify == "right" or cell.cell_len > room:
        cell = cell.copy()
        if cell.justify == "right":
            cell.rstrip()
        cell.truncate(room, overflow=cell.overflow or "fold")
        if cell.justify == "right":
            cell.pad_left(room - cell.cell_len)
    if cell.style and not cell.spans:  # which rich would leave out
        cell = cell.copy()
        cell.stylize(cell.style)
    blank = before + after
    drawn = [Segment(" " * padding, blank)]
    for text, style, _ in cell.render(console, end=""):
        drawn.append(Segment(text, blank if style is None else before + style + after))
    if (rest := room - cell.cell_len) > 0:
        drawn.append(Segment(" " * rest, blank))
    drawn.append(Segment(" " * padding, blank))
    return drawn
