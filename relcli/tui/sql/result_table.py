"""The rows of any question: values shortened to cells, a part of them at a time."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.widgets import DataTable

from relcli.tui.frame.keys import bind
from relcli.tui.sql.sorting import Order
from relcli.tui.widgets.cells import cut
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Table
from relcli.visible import visible

if TYPE_CHECKING:
    from relcli.warehouse.rows import Rows

_AT_ONCE, _NEAR = 100, 30
_WIDEST = 44
_LISTED = 6


class ResultTable(Table):
    """Shows `Rows`; the cursor is on a cell. Rows are put in as the cursor comes near them."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("sort", "screen.sort", show=True)]
    DEFAULT_CSS = "ResultTable.-old { opacity: 45%; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.cursor_type = "cell"
        self.zebra_stripes = True
        self._rows: Sequence[tuple[Any, ...]] = ()
        self._shown = 0

    def show(self, result: "Rows | None", order: Order | None = None) -> None:
        """Show a result, from its first row; None empties the table. order: of its rows, for the heading."""
        self.clear(columns=True)
        self.remove_class("-old")
        self._rows, self._shown = (result.rows if result else ()), 0
        if result is None:
            return
        for number, (name, kind) in enumerate(zip(result.columns, result.types, strict=True)):
            justify = "right" if _is_number(kind) else "left"
            here = order is not None and order.column == number
            sign = (" ▼" if order and order.descending else " ▲") if here else ""
            self.add_column(Text(f"{cut(visible(name), _WIDEST)}{sign}", justify=justify))
        self._more()
        self.move_cursor(row=0, column=0 if order is None else order.column)
        self.scroll_to(0, 0, animate=False)

    def _more(self) -> None:
        page = self._rows[self._shown : self._shown + _AT_ONCE]
        for row in page:
            self.add_row(*(cell(value) for value in row))
        self._shown += len(page)

    def on_data_table_cell_highlighted(self, event: DataTable.CellHighlighted) -> None:
        if event.coordinate.row >= self._shown - _NEAR and self._shown < len(self._rows):
            self._more()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value + self.size.height >= self._shown - _NEAR and self._shown < len(self._rows):
            self._more()

    def action_last_row(self) -> None:
        while self._shown < len(self._rows):
            self._more()
        super().action_last_row()

    @property
    def value(self) -> Any:
        """The value under the cursor, as it is; None without rows."""
        row, column = self.cursor_coordinate
        if row < len(self._rows) and column < len(self._rows[row]):
            return self._rows[row][column]
        return None


def _is_number(kind: str) -> bool:
    return kind.split("(")[0] in (
        "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
        "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL",
    )  # fmt: skip


def cell(value: Any) -> Text:
    """A value as a cell: one line, not too wide."""
    if value is None:
        return Text("NULL", style="dim italic")
    if isinstance(value, bool):
        return Text("true" if value else "false")
    if isinstance(value, int):
        return Text(str(value), justify="right")
    if isinstance(value, float):
        return Text(f"{value:.6g}", justify="right")
    if isinstance(value, (bytes, bytearray)):
        return Text(f"<{len(value):,} bytes>", style="dim")
    return Text(cut(visible(_words(value)), _WIDEST), no_wrap=True)


def _words(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        first = ", ".join(_words(each) for each in value[:_LISTED])
        more = f", … {len(value):,} in all" if len(value) > _LISTED else ""
        return f"[{first}{more}]"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_words(each)}" for name, each in value.items()) + "}"
    return in_full(value)


def in_full(value: Any) -> str:
    """A value as text, whole; of bytes how many."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value):,} bytes>"
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
