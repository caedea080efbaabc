"""Layers by heads as a heat map, with the head under the cursor in words."""

from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable

from relcli.results.head_table import TIMES, HeadFigure, HeadMeasure, HeadTable, Of
from relcli.tui.heads.text import about_text, choices_text, cursor_text, legend
from relcli.tui.widgets.cells import spark, tones
from relcli.tui.widgets.grey import tints_of
from relcli.tui.widgets.heat_table import HeatMap, HeatTable
from relcli.tui.widgets.safe_static import SafeStatic

if TYPE_CHECKING:
    from relcli.tui.frame.screen import WorkScreen

_LABEL = 5
_BESIDE = 40
NOTHING: Of = ("", "", "")
_NARROWEST, _WITH_NUMBERS, _WIDEST, _TALLEST = 2, 6, 9, 3


class HeadMap(Horizontal):
    """`show` draws a map; `place` is the layer and head under the cursor."""

    DEFAULT_CSS = """
    HeadMap { height: 1fr; }
    HeadMap HeatTable { height: 1fr; }
    HeadMap #over { height: 1; width: 100%; padding: 0 1; display: none; }
    HeadMap #beside { width: 1fr; height: 1fr; padding: 0 1 0 2; }
    HeadMap Static { link-style: none; link-color: $foreground; link-style-hover: underline;
                     link-background-hover: $background; }
    HeadMap #beside > Static { height: auto; }
    HeadMap #cursor, HeadMap #scale, HeadMap #about { padding: 1 0 0 0; }
    HeadMap #about { color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._heads: HeadTable | None = None
        self._of = NOTHING
        self._measure: HeadMeasure | None = None

    def compose(self) -> ComposeResult:
        yield SafeStatic(id="over")
        yield HeatTable(id="heat")
        with VerticalScroll(id="beside", can_focus=False):
            yield SafeStatic(id="choices")
            yield SafeStatic(id="cursor")
            yield SafeStatic(id="scale")
            yield SafeStatic(id="about")

    @property
    def table(self) -> HeatTable:
        return self.query_one(HeatTable)

    @property
    def place(self) -> tuple[int, int] | None:
        """Layer and head under the cursor."""
        if self._heads is None or not self._heads:
            return None
        at, (layers, heads) = self.table.cursor_coordinate, self._heads.size
        return (at.row, at.column) if at.row < layers and at.column < heads else None

    def show(self, heads: HeadTable | None, measure: HeadMeasure | None, of: Of) -> None:
        """Draw a map. heads: None while they are being read; measure, of: what there is a choice of, None and
        NOTHING without any."""
        self._heads, self._measure, self._of = heads, measure, of
        tone = tones(self.app.theme_variables)
        self.query_one("#choices", SafeStatic).update(choices_text(measure, of, tone, lines=True))
        self.query_one("#over", SafeStatic).update(choices_text(measure, of, tone, lines=False))
        if not heads:
            self.table.empty()
        else:
            self.table.show(self._heat(heads))
        self._show_cursor()

    def _heat(self, heads: HeadTable) -> HeatMap:
        n_layers, n_heads = heads.size
        found = heads.map(self._of)
        grid = [[found.get((layer, head)) for head in range(n_heads)] for layer in range(n_layers)]
        low, high = heads.ends
        wide = "-wide" in self.screen.classes
        room = self.size.width - _LABEL - (_BESIDE if wide else 1)
        height = self.size.height - 2 - (0 if wide else 5)
        width = max(_NARROWEST, min(_WIDEST, room // n_heads))
        tested = heads.measure.name == TIMES
        written = heads.measure.written
        if width < _WITH_NUMBERS:  # a block in place of the number
            written = lambda value: spark([value], low, max(high, low + 1e-9))  # noqa: E731

        def level(figure: HeadFigure | None) -> float:
            return 0.0 if figure is None or high <= low else max(0.0, (figure.value - low) / (high - low))

        return HeatMap(
            values=[[figure and figure.value for figure in row] for row in grid],
            levels=[[level(figure) for figure in row] for row in grid],
            rows=[str(layer) for layer in range(n_layers)],
            columns=[("head\n" if head == 0 and width >= 4 else "") + str(head) for head in range(n_heads)],
            written=written,
            marks=[[figure is not None and figure.stands_out for figure in row] for row in grid],
            cell_width=width,
            cell_height=max(1, min(_TALLEST, height // n_layers)),
            faint=[[tested and not (figure and figure.stands_out) for figure in row] for row in grid],
        )

    @on(DataTable.CellHighlighted)
    def _moved(self) -> None:
        self._show_cursor()

    def _show_cursor(self) -> None:
        heads, place = self._heads, self.place
        if not heads or place is None:
            for name in ("#cursor", "#scale", "#about"):
                self.query_one(name, SafeStatic).update("")
            return
        tone, wide = tones(self.app.theme_variables), "-wide" in self.screen.classes
        figure = heads.map(self._of).get(place)
        self.query_one("#cursor", SafeStatic).update(cursor_text(heads.measure, place, figure, tone, wide))
        self.query_one("#scale", SafeStatic).update(legend(heads, wide, tints_of(self.app)))
        n_layers, n_heads = heads.size
        self.query_one("#about", SafeStatic).update(about_text(heads.measure, n_layers * n_heads))

    def on_resize(self, _: events.Resize) -> None:
        if self._heads:
            screen = cast("WorkScreen", self.screen)
            screen.call_after_refresh(self.show, self._heads, self._measure, self._of)
