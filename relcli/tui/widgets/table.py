"""A DataTable that is filled as a whole and keeps the place."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import DataTable

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.quick_rows import PlainRows, QuickRows, is_known
from relcli.tui.widgets.safe_text import Text, seen
from relcli.visible import visible

Column = tuple[str, int | None]  # heading (">": to the right), width in cells (None: as its content)


Rows = QuickRows if TYPE_CHECKING or is_known(DataTable) else PlainRows


class Table(Rows):
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
        self,
        columns: Sequence[Column],
        rows: Sequence[tuple[str, Sequence[Text | str]]],
        height: int = 1,
        cursor: int | None = None,
    ) -> None:
        """Show these rows, (key, cells) each, `height` lines a row. The cursor stays on the row it was on, or
        near it, unless it is to go to row `cursor`."""
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
            at = max(0, at if cursor is None else min(cursor, len(rows) - 1))
            # Rows that came or went above move the view along, so that the cursor stays where the eye is.
            y = max(0, top + (at - line) * height)
            if (room := self.scrollable_content_region.height - self.header_height) >= height:
                y = min(max(y, (at + 1) * height - room), at * height)
            self.measure_rows()  # or it would be drawn where it was, and once more where it goes
            self.scroll_to(y=y, animate=False, immediate=True)
            self.move_cursor(row=at, scroll=False)
            self.call_after_refresh(self._scroll_cursor_into_view)

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
