"""Layers by categories as a heat map, with what is under the cursor in words."""

from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import DataTable

from relcli.results.layers import LOOKS, LayerFigure, LayerTable, Measure, Place
from relcli.tui.layers.text import (
    cursor_text,
    heading,
    legend,
    measure_list,
    profile_text,
    title,
)
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.grey import is_grey
from relcli.tui.widgets.heat_table import HeatMap, HeatTable
from relcli.tui.widgets.safe_static import SafeStatic

if TYPE_CHECKING:
    from relcli.tui.frame.screen import WorkScreen

_LABEL = 5
_BESIDE = 34
_OVER = 2  # lines above the map
_WIDEST, _TALLEST = 11, 5
BOTH = "raw to masked"


class LayerMap(Vertical):
    """`show` draws a measure; `place` is the category and layer under the cursor."""

    DEFAULT_CSS = """
    LayerMap { height: 1fr; }
    LayerMap #over { height: auto; width: 100%; padding: 0 1; }
    LayerMap #both { height: 1fr; }
    LayerMap HeatTable { height: 1fr; }
    LayerMap #beside { width: 1fr; height: 1fr; padding: 0 1 0 2; }
    LayerMap Static { link-style: none; link-color: $foreground; link-style-hover: underline;
                      link-background-hover: $background; }
    LayerMap #beside > Static { height: auto; }
    LayerMap #cursor, LayerMap #scale { padding: 1 0 0 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._figures: LayerTable | None = None
        self._measure: Measure | None = None
        self._variant = ""
        self._each = False

    def compose(self) -> ComposeResult:
        yield SafeStatic(id="over")
        with Horizontal(id="both"):
            yield HeatTable(id="heat")
            with VerticalScroll(id="beside", can_focus=False):
                yield SafeStatic(id="cursor")
                yield SafeStatic(id="profile")
                yield SafeStatic(id="scale")
                yield SafeStatic(id="measures")

    @property
    def table(self) -> HeatTable:
        return self.query_one(HeatTable)

    @property
    def place(self) -> Place | None:
        """Category (None: all) and layer under the cursor."""
        if self._figures is None or not self._figures.layers:
            return None
        at = self.table.cursor_coordinate
        categories, layers = self._figures.categories, self._figures.layers
        if at.row >= len(layers) or at.column >= len(categories):
            return None
        return categories[at.column], layers[at.row]

    def show(self, figures: LayerTable | None, measure: Measure, variant: str, each: bool) -> None:
        """Draw a measure on a variant; with `each`, every category has a scale of its own. `figures` None:
        they are still being read."""
        self._figures, self._measure, self._each = figures, measure, each
        self._variant = variant if figures is None or figures.variants(measure) else BOTH
        tone = tones(self.app.theme_variables)
        self.query_one("#measures", SafeStatic).update(measure_list(measure, tone))
        self.query_one("#over", SafeStatic).update(title(measure, self._variant, tone))
        if figures is None:
            self.table.empty()
        else:
            self.table.show(self._map(figures, measure))
        self._show_cursor()

    @property
    def has_figures(self) -> bool:
        return self._figures is not None

    def _map(self, figures: LayerTable, measure: Measure) -> HeatMap:
        grid = figures.grid(measure, self._variant)
        found = [[grid.get((category, layer)) for category in figures.categories] for layer in figures.layers]
        n = max(1, len(figures.categories))
        wide = "-wide" in self.screen.classes
        room = self.size.width - _LABEL - (_BESIDE if wide else 1)
        height = self.size.height - 2 - _OVER - (0 if wide else 4)
        return HeatMap(
            values=[[figure and figure.value for figure in row] for row in found],
            levels=self._levels(figures, measure, found),
            rows=[str(layer) for layer in figures.layers],
            columns=[heading(category) for category in figures.categories],
            written=measure.written,
            marks=[
                [figures.stands_out(measure, self._variant, (each, layer)) for each in figures.categories]
                for layer in figures.layers
            ],
            cell_width=max(7, min(_WIDEST, room // n)),
            cell_height=max(1, min(_TALLEST, height // max(1, len(figures.layers)))),
            diverging=measure.middle is not None and not self._each and not is_grey(),
        )

    def _levels(
        self, figures: LayerTable, measure: Measure, found: list[list[LayerFigure | None]]
    ) -> list[list[float]]:
        columns = list(zip(*found, strict=True))
        ends = figures.ends(measure) or (0.0, 1.0)
        scales = []
        for column in columns:
            values = [figure.value for figure in column if figure]
            scales.append((min(values), max(values)) if self._each and values else ends)
        return [
            [
                (figure.value - low) / (high - low) if figure and high > low else 0.0
                for figure, (low, high) in zip(row, scales, strict=True)
            ]
            for row in found
        ]

    @on(DataTable.CellHighlighted)
    def _moved(self) -> None:
        self._show_cursor()

    def _show_cursor(self) -> None:
        measure, figures, place = self._measure, self._figures, self.place
        cursor, profile = self.query_one("#cursor", SafeStatic), self.query_one("#profile", SafeStatic)
        if measure is None or figures is None or place is None:
            for each in (cursor, profile, self.query_one("#scale", SafeStatic)):
                each.update("")
            return
        tone, wide = tones(self.app.theme_variables), "-wide" in self.screen.classes
        grid = figures.grid(measure, self._variant)
        looks = figures.looks_p(self._variant, place) if measure.name in LOOKS else None
        cursor.update(cursor_text(measure, place, self._variant, grid.get(place), tone, wide, looks))
        profile.update(profile_text(measure, grid, place, figures.layers, _BESIDE - 4))
        ends = figures.ends(measure)
        self.query_one("#scale", SafeStatic).update(legend(measure, ends, self._each, tone, lines=wide))

    def on_resize(self, _: events.Resize) -> None:
        if self._measure is not None:
            measure, screen = self._measure, cast("WorkScreen", self.screen)
            screen.call_after_refresh(self.show, self._figures, measure, self._variant, self._each)
