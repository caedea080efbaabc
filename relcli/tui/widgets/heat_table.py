"""A heat map with a cursor: every cell says its number, so that it reads without colour too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable
from textual.widgets._data_table import RowRenderables

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.grey import tints_of
from relcli.tui.widgets.safe_text import Text


@dataclass(frozen=True, slots=True)
class HeatMap:
    """values: rows of numbers (None: there is none). levels: the same shape, 0 to 1, for the colours. rows,
    columns: their names, those of columns in one line or two. written: a value as its cell says it. marks:
    the same shape, the cells that get a star. cell_width, cell_height: in characters. faint: the same shape,
    cells without a colour; None: there are none. diverging: levels go from less through 0.5 to more."""

    values: Sequence[Sequence[float | None]]
    levels: Sequence[Sequence[float]]
    rows: Sequence[str]
    columns: Sequence[str]
    written: Callable[[float], str]
    marks: Sequence[Sequence[bool]]
    cell_width: int
    cell_height: int
    faint: Sequence[Sequence[bool]] | None = None
    diverging: bool = False


class HeatTable(DataTable[Any]):
    """Shows a `HeatMap`; the cell under the cursor stands in brackets, and enter posts `CellSelected`. The
    cursor keeps its place when another map of the same size is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("open", "select_cursor", "Questions", show=True),
        bind("down", "cursor_down"),
        bind("up", "cursor_up"),
    ]
    DEFAULT_CSS = """
    HeatTable { width: auto; }
    HeatTable > .datatable--cursor, HeatTable:focus > .datatable--cursor {
        background: $primary; color: $background; text-style: bold;
    }
    HeatTable > .datatable--header-cursor, HeatTable > .datatable--header-hover {
        background: $panel; color: $primary; text-style: bold;
    }
    HeatTable:blur > .datatable--cursor { background: $primary 60%; color: $background; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            cursor_type="cell",
            cell_padding=0,
            header_height=2,
            cursor_foreground_priority="css",
            cursor_background_priority="css",
        )
        self._map: HeatMap | None = None
        self._kept: Coordinate | None = None

    def empty(self) -> None:
        """Show nothing for a while; the cursor comes back to its place with the next map."""
        if self.is_valid_coordinate(self.cursor_coordinate):
            self._kept = self.cursor_coordinate
        self.clear(columns=True)

    def show(self, heat: HeatMap) -> None:
        before, here, self._kept = self._map, self._kept or self.cursor_coordinate, None
        top, left = self.scroll_y, self.scroll_x
        self._map = heat
        self.clear(columns=True)
        for name in heat.columns:
            self.add_column(_heading(name, heat.cell_width), width=heat.cell_width)
        for y, name in enumerate(heat.rows):
            label = Text("\n" * ((heat.cell_height - 1) // 2) + f"{name:>3} ")
            cells = (self._cell(Coordinate(y, x), False) for x in range(len(heat.columns)))
            self.add_row(*cells, height=heat.cell_height, label=label)
        if heat.rows and heat.columns:
            row, column = min(here.row, len(heat.rows) - 1), min(here.column, len(heat.columns) - 1)
            if before is not None and (before.rows, before.columns) == (heat.rows, heat.columns):
                self.move_cursor(row=row, column=column, scroll=False)
                self.scroll_to(left, top, animate=False, immediate=True)
            else:
                self.move_cursor(row=row, column=column)

    @property
    def shown(self) -> HeatMap | None:
        return self._map

    def _get_row_renderables(self, row_index: int) -> RowRenderables:
        """With brackets to what is under the cursor; updates of cells would have all of them drawn anew."""
        label, cells = super()._get_row_renderables(row_index)
        row, column = self.cursor_coordinate
        if row == row_index and self._map is not None and column < len(cells):
            marked = self._cell(Coordinate(row, column), True)
            cells = [*cells[:column], marked, *cells[column + 1 :]]
        return RowRenderables(label, cells)

    def _cell(self, place: Coordinate, marked: bool) -> Text:
        assert self._map is not None
        width, height = self._map.cell_width, self._map.cell_height
        value = self._map.values[place.row][place.column]
        shown = "·" if value is None else self._map.written(value)
        if self._map.marks[place.row][place.column]:
            shown += "*"
        lines = [" " * width] * height
        bracketed = f"[{shown}]"
        lines[(height - 1) // 2] = (bracketed if marked and len(bracketed) <= width else shown).center(width)[
            :width
        ]
        faint = self._map.faint is not None and self._map.faint[place.row][place.column]
        level, both_ways = self._map.levels[place.row][place.column], self._map.diverging
        style = "dim" if value is None or faint else self._style(level, both_ways)
        return Text("\n".join(lines), style=style, no_wrap=True)

    def _style(self, level: float, diverging: bool) -> Style:
        from relcli.drawing.tints import level_style

        return level_style(level, tints_of(self.app), diverging=diverging)


def _heading(name: str, width: int) -> Text:
    lines = [line if len(line) <= width else line[: width - 1] + "…" for line in name.split("\n")]
    return Text("\n".join(line.center(width) for line in ([""] * (2 - len(lines)) + lines)), no_wrap=True)
