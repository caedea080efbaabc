"""Layers by categories as a heat map, with what is under the cursor in words."""

from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import DataTable

from relcli.results.layers import LOOKS, LayerFigure, LayerTable, Place
from relcli.tui.layers.text import (
    cursor_text,
    heading,
    legend,
    measure_list,
    profile_text,
    title,
)
from relcli.tui.layers.view import MapView
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.grey import is_grey, tints_of
from relcli.tui.widgets.heat_table import HeatMap, HeatTable
from relcli.tui.widgets.safe_static import SafeStatic

if TYPE_CHECKING:
    from relcli.tui.frame.screen import WorkScreen

_LABEL = 5
_BESIDE = 34
_WIDEST, _TALLEST = 11, 5


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
        self._view: MapView | None = None

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

    def show(self, figures: LayerTable | None, view: MapView) -> None:
        """Draw a measure. `figures` None: they are still being read."""
        self._figures, self._view = figures, view
        tone = tones(self.app.theme_variables)
        self.query_one("#measures", SafeStatic).update(measure_list(view.measure, tone))
        over = title(view, figures, tone)
        self.query_one("#over", SafeStatic).update(over)
        if figures is None or not figures.layers:
            self.table.empty()
        else:
            n_over = len(over.wrap(self.app.console, max(1, self.size.width - 2)))
            self.table.show(self._map(figures, view, n_over))
        self._show_cursor()

    @property
    def has_figures(self) -> bool:
        return self._figures is not None

    def _map(self, figures: LayerTable, view: MapView, n_over: int) -> HeatMap:
        """n_over: lines above the map."""
        measure = view.measure
        grid = figures.grid(measure, view.variant)
        found = [[grid.get((category, layer)) for category in figures.categories] for layer in figures.layers]
        n = max(1, len(figures.categories))
        wide = "-wide" in self.screen.classes
        room = self.size.width - _LABEL - (_BESIDE if wide else 1)
        height = self.size.height - 2 - n_over - (0 if wide else 4)
        return HeatMap(
            values=[[figure and figure.value for figure in row] for row in found],
            levels=self._levels(figures, view, found),
            rows=[str(layer) for layer in figures.layers],
            columns=[heading(category) for category in figures.categories],
            written=measure.written,
            marks=[
                [figures.stands_out(measure, view.variant, (each, layer)) for each in figures.categories]
                for layer in figures.layers
            ],
            cell_width=max(7, min(_WIDEST, room // n)),
            cell_height=max(1, min(_TALLEST, height // max(1, len(figures.layers)))),
            diverging=measure.middle is not None and not view.each and not is_grey(),
        )

    def _levels(
        self, figures: LayerTable, view: MapView, found: list[list[LayerFigure | None]]
    ) -> list[list[float]]:
        columns = list(zip(*found, strict=True))
        ends = figures.ends(view.measure) or (0.0, 1.0)
        scales = []
        for column in columns:
            values = [figure.value for figure in column if figure]
            scales.append((min(values), max(values)) if view.each and values else ends)
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
        view, figures, place = self._view, self._figures, self.place
        cursor, profile, scale = (
            self.query_one(name, SafeStatic) for name in ("#cursor", "#profile", "#scale")
        )
        if view is None or figures is None or place is None:
            for each in (cursor, profile, scale):
                each.update("")
            return
        measure, tone, wide = view.measure, tones(self.app.theme_variables), "-wide" in self.screen.classes
        grid = figures.grid(measure, view.variant)
        looks = figures.looks_p(view.variant, place) if measure.name in LOOKS else None
        cursor.update(cursor_text(measure, place, view.pictures, grid.get(place), tone, wide, looks))
        profile.update(profile_text(measure, grid, place, figures.layers, _BESIDE - 4))
        ends = figures.ends(measure)
        scale.update(legend(measure, ends, view.each, tone, wide, tints_of(self.app)) if ends else "")

    def on_resize(self, _: events.Resize) -> None:
        if self._view is not None:
            screen = cast("WorkScreen", self.screen)
            screen.call_after_refresh(self.show, self._figures, self._view)
