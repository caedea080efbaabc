"""The rows of a DataTable, measured and drawn as Textual does it, in a fraction of the time."""

from collections.abc import Iterable
from inspect import signature
from typing import Any

import rich.text
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets.data_table import RowKey

_KEPT_ROWS = 1000  # as many as Textual keeps


class PlainRows(DataTable[Any]):
    """Textual's own rows, for a version of it that is made otherwise than `QuickRows` knows."""

    def measure_rows(self) -> None:
        """Nothing: Textual measures when it is idle."""


class QuickRows(DataTable[Any]):
    """Textual lays each cell out as if it were a page, and draws all rows anew when the cursor moves; for a
    list that is most of what a key takes. Cells of one line, which nearly all are, are put together here."""

    _ground: Style | None = None  # of the widget, while it is drawn: asked for on every line

    def __init__(self, *args: Any, **options: Any) -> None:
        self._kept: LRUCache[Any, Strip] = LRUCache(_KEPT_ROWS)
        self._resizes = 0  # Textual counts them as changes of the rows
        super().__init__(*args, **options)

    def _clear_caches(self) -> None:
        super()._clear_caches()
        self._kept.clear()

    def _on_resize(self, _: events.Resize) -> None:
        """Beside Textual's, which is called as well."""
        self._resizes += 1

    @property
    def rich_style(self) -> Style:
        return super().rich_style if self._ground is None else self._ground

    def render_lines(self, crop: Region) -> list[Strip]:
        self._ground = super().rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._ground = None

    def measure_rows(self) -> None:
        """Work out now, rather than when nothing else is to be done, how much there is to scroll over."""
        if self._require_update_dimensions:
            self._require_update_dimensions = False
            new_rows = self._new_rows.copy()
            self._new_rows.clear()
            self._update_dimensions(new_rows)

    def _update_dimensions(self, new_rows: Iterable[RowKey]) -> None:
        """As Textual's, which measures each cell of each new row: where columns and rows are as wide and high
        as they were told, nothing follows from that."""
        new_rows = list(new_rows)
        known = [self.rows[key] for key in new_rows if key in self.rows]
        told = not any(row.auto_height or row.label for row in known)
        if told and not any(column.auto_width for column in self.columns.values()):
            new_rows = []
        if new_rows:  # which may change how wide columns are
            self._kept.clear()
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
        """As Textual's; a text on one line in half the time."""
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
        component, after = self._styles(hover, cursor)
        before = base_style + Style.from_meta({"row": row_index, "column": column_index}) + component
        lines = [one_line(cell, width, self.cell_padding, before, after, self.app.console)]
        self._cell_render_cache[key] = lines
        return lines

    def _render_line(self, y: int, x1: int, x2: int, base_style: Style) -> Strip:
        """As Textual's, but a row that looks as it did is kept: the cursor has not come to it or left it, and
        a focus that comes or goes changes only the row under the cursor."""
        if self.cursor_type != "row" or self.fixed_rows or self.fixed_columns or self._labelled_row_exists:
            return super()._render_line(y, x1, x2, base_style)
        try:
            row_key, _ = self._get_offsets(y)
        except LookupError:
            return super()._render_line(y, x1, x2, base_style)
        row = self._row_locations.get(row_key)
        if row is None or self.rows[row_key].height != 1 or self.zebra_stripes:
            return super()._render_line(y, x1, x2, base_style)
        cursor, hover, width = self.cursor_row == row, self.hover_row == row, self.size.width
        styles = self._styles(hover, cursor)
        changes = self._update_count - self._resizes
        key: Any = (row_key, row, x1, x2, width, base_style, *styles, changes)
        if (known := self._kept.get(key)) is None:
            known = self._draw_row(row_key, row, base_style, cursor, hover).crop(x1, x2)
            known = known.adjust_cell_length(width, base_style).simplify()
            self._kept[key] = known
        return known

    def _draw_row(self, row_key: RowKey, row: int, base: Style, cursor: bool, hover: bool) -> Strip:
        """A whole row, as wide as the table at least."""
        component, after = self._styles(hover, cursor)
        console, padding, cells = self.app.console, self.cell_padding, self._data[row_key]
        drawn: list[Segment] = []
        taken = 0
        for place, column in enumerate(self.ordered_columns):
            wide = column.get_render_width(self)
            taken += wide
            cell = cells[column.key]
            if isinstance(cell, rich.text.Text) and _is_one_line(cell):
                before = base + Style.from_meta({"row": row, "column": place}) + component
                drawn += one_line(cell, wide, padding, before, after, console)
            else:
                drawn += self._render_cell(row, place, base, wide, cursor, hover)[0]
        rest = Style.from_meta({"row": row, "column": 0, "out_of_bounds": True})
        drawn.append(Segment(" " * max(0, self.size.width - taken), base + component + rest))
        return Strip(drawn)

    def _styles(self, hover: bool, cursor: bool) -> tuple[Style, Style]:
        """What goes under and over the style of a cell's text."""
        return self._get_styles_to_render_cell(
            False, False, False, hover, cursor, self.show_cursor, self._show_hover_cursor,
            self.cursor_foreground_priority == "css", self.cursor_background_priority == "css",
        )  # fmt: skip


_KNOWN = {
    "_render_cell": "self row_index column_index base_style width cursor hover",
    "_render_line": "self y x1 x2 base_style",
    "_update_dimensions": "self new_rows",
    "_clear_caches": "self",
    "_get_offsets": "self y",
    "_get_styles_to_render_cell": "self is_header_cell is_row_label_cell is_fixed_style_cell hover cursor "
    "show_cursor show_hover_cursor has_css_foreground_priority has_css_background_priority",
}
"""What `QuickRows` takes part in, and with what it is called."""


def is_known(table: type[Any]) -> bool:
    """Whether a table is made as `QuickRows` knows it."""
    made = {name: getattr(table, name, None) for name in _KNOWN}
    return all(
        callable(method) and list(signature(method).parameters) == _KNOWN[name].split()
        for name, method in made.items()
    )


def _is_one_line(cell: rich.text.Text) -> bool:
    if "\n" in cell.plain or "\t" in cell.plain:
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
    if not cell.spans:
        drawn.append(Segment(cell.plain, blank))
    else:
        for text, style, _ in cell.render(console, end=""):
            drawn.append(Segment(text, blank if style is None else before + style + after))
    if (rest := room - cell.cell_len) > 0:
        drawn.append(Segment(" " * rest, blank))
    drawn.append(Segment(" " * padding, blank))
    return drawn
