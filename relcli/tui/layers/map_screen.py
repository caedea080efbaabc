"""The half of the layers' screen that shows the map of layers by categories."""

from functools import cached_property

from textual import on
from textual.widgets import DataTable

from relcli.errors import RelcliError
from relcli.results.layers import ANSWER, FAMILIES, FILLED, MEASURES, LayerTable
from relcli.tui.frame.figures import Figures
from relcli.tui.frame.problems import check_attention, run_is_gone
from relcli.tui.layers.map import LayerMap
from relcli.tui.layers.reader import read_layers, read_rows
from relcli.tui.layers.view import MapView
from relcli.tui.question.base import QuestionScreenBase


class MapScreenBase(QuestionScreenBase):
    """`load_map` shows the figures of the measure and query row that keys choose."""

    def __init__(self) -> None:
        super().__init__()
        self._measure = MEASURES[0]
        self._each = False
        self._row, self._rows = ANSWER, (ANSWER,)

    @property
    def _map(self) -> LayerMap:
        return self.query_one(LayerMap)

    @cached_property
    def _kept(self) -> Figures[list[str]]:
        return Figures(self.store, read_rows)

    @cached_property
    def _read(self) -> Figures[LayerTable]:
        return Figures(self.store, read_layers)

    @property
    def _figures(self) -> LayerTable | None:
        """Of what is chosen; None until they are read."""
        return self._read.of(*self._place)

    @property
    def _place(self) -> tuple[str, str, str]:
        return self.selection.run or "", self._measure.read, self._row

    async def load_map(self) -> None:
        run = self.selection.run or ""
        try:
            self._rows = (*await self._kept.get(run),)
            if self._row not in self._rows:
                self._row = ANSWER
            await self._read.turn_to(*self._place)
        except RelcliError:
            self._paint()
            raise
        self._paint()
        if not self._figures:
            raise await self._why_nothing(run)
        if self.focused is None:
            self._map.table.focus()

    def reading_map(self) -> str:
        whose = "" if self._row == ANSWER else f" of the {self._row} row"
        return f"{FAMILIES[self._measure.read]}{whose}"

    def map_fill(self) -> str:
        """The part of the fills that holds what is read."""
        if self._measure.read not in FILLED:
            return ""
        return "rows" if self._row == ANSWER else "query_rows"

    def clear_map(self) -> None:
        """The figures of another measure don't stay while those of this one are read."""
        if self._map.has_figures and self._figures is None:
            self._paint()

    async def _why_nothing(self, run: str) -> RelcliError:
        rows = (await self.store.read("run", run=run)).as_dicts()
        if not rows:
            return run_is_gone(run)
        check_attention(rows[0])
        if self._measure.of_pairs and "masked" not in (rows[0]["variants"] or ("masked",)):
            return RelcliError(
                f"The run {run} was not asked on masked pictures, so nothing shifts (m continues)."
            )
        return RelcliError(f"The run {run} has no {FAMILIES[self._measure.read]} yet (r reads again).")

    @property
    def _map_view(self) -> MapView:
        return MapView(self._measure, self._variant, self._row, self._rows, self._each)

    def _paint(self) -> None:
        figures = self._figures
        if figures and (variants := figures.variants(self._measure)) and self._variant not in variants:
            self._variant = variants[0]
        self._map.show(figures, self._map_view)
        self.refresh_bindings()
        words = dict.fromkeys((FAMILIES[self._measure.read], self._measure.words))
        whose = () if self._row == ANSWER else (f"{self._row} row",)
        self.subtitle = " · ".join((self.selection.run or "", *words, *whose))

    def action_next_measure(self, by: int) -> None:
        at = MEASURES.index(self._measure)
        self.action_measure(MEASURES[(at + by) % len(MEASURES)].name)

    def action_measure(self, name: str) -> None:
        """Show that measure, reading its figures on first use."""
        self._measure = next(measure for measure in MEASURES if measure.name == name)
        if self._figures is not None:
            self._paint()
        else:
            self.reload()

    def action_measures(self) -> None:
        from relcli.tui.widgets.dialog import ChooseDialog

        choices = [(each.name, f"{each.words:<28}{FAMILIES[each.read]}") for each in MEASURES]

        def chosen(name: str | None) -> None:
            if name:
                self.action_measure(name)

        self.app.push_screen(ChooseDialog("Measure", choices), chosen)

    def action_row(self) -> None:
        """Show the next query row that the run kept, reading its figures on first use."""
        self._row = self._rows[(self._rows.index(self._row) + 1) % len(self._rows)]
        self.reload()

    def turn_picture(self) -> None:
        """Show the measure on the next kind of pictures."""
        if self._figures and (variants := self._figures.variants(self._measure)):
            self._variant = variants[(variants.index(self._variant) + 1) % len(variants)]
            self._paint()

    def scale_map(self) -> None:
        """One scale, or one for each category."""
        self._each = not self._each
        self._paint()

    @on(DataTable.CellSelected)
    def _selected(self) -> None:
        """List the questions of the category under the cursor."""
        if (place := self._map.place) is None:
            return
        asked = self.selection.filter
        asked.clear()
        asked.category, asked.variant = place[0] or "", self._variant
        self.context.go("questions")
