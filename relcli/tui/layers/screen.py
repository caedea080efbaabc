"""Attention by layer and category, and all layers of one question."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable

from relcli.errors import RelcliError
from relcli.results.layers import FAMILIES, FIGURES, MEASURES, LayerTable
from relcli.tui.frame.keys import bind
from relcli.tui.frame.problems import check_attention, run_is_gone
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.layers.map import LayerMap
from relcli.tui.layers.question_sheet import QuestionSheet
from relcli.tui.layers.reader import LayerReader
from relcli.tui.layers.sheet import LayerSheet
from relcli.tui.question.base import VIEW_KEYS, QuestionScreenBase

_ON_MAP = ("next_measure", "measures", "scale")
_ON_SHEET = ("step", "vector", "strength", "frames", "layer", "all_layers", "question", "filter")


class LayersScreen(QuestionScreenBase):
    """Key 5."""

    NAME = "layers"
    NEEDS_RUN = True
    HELP = """\
Where the model looks, layer by layer and for each category of questions. `m` goes through the measures, `o`
lists them, `v` changes the picture, and `=` gives every category a scale of its own. The value under the
cursor is told with its 95% interval over scenes, its standard deviation over answers (sd) and their number
(n). Enter lists the questions of that category.

A **star** marks a finding: a cell that stands out beyond chance (p up to .05) when all layers and categories
are tested at once. **asked about** has a star where two chances are passed: the share of the same attention
on what *other scenes'* questions ask about, and the share per area on the *other objects* in the picture.
Only then does the model look at what is asked about. **over area** alone shows nothing: objects stand in the
middle. For entropy and shift a star says that a layer differs from the same answers' mean over layers.
**sinks** are cells that soak up attention whatever is asked. **l1, l2, kl, cosine** say how far the attention
moves from the raw to the masked picture. Grounding is of the answer's first step, entropy and shift of the
mean over steps.

`d` shows **all layers of one question** over its picture, each with the share that is on what is asked about.
Arrow keys choose a layer, `n` and `N` go to the next and the previous failure, `.` and `,` to any question,
enter opens it on screen 4.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("measure", "next_measure(1)", show=True),
        bind("measure_before", "next_measure(-1)"),
        bind("choose", "measures", "List of measures"),
        bind("form", "sheet", "Map/sheet", show=True),
        *VIEW_KEYS,
        bind("scale", "scale"),
        bind("left", "layer(-1, 0)", "Choose layer"),
        bind("right", "layer(1, 0)", "Choose layer"),
        bind("line_up", "layer(0, -1)", "Choose layer"),
        bind("line_down", "layer(0, 1)", "Choose layer"),
        bind("home", "all_layers", "No layer"),
        bind("open", "question", "Open question", show=True),
    ]
    DEFAULT_CSS = """
    LayersScreen QuestionSheet { display: none; }
    LayersScreen.-sheet QuestionSheet { display: block; }
    LayersScreen.-sheet LayerMap { display: none; }
    LayersScreen.-narrow LayerMap #both { layout: vertical; }
    LayersScreen.-narrow LayerMap #beside { width: 100%; height: auto; padding: 0 1; }
    LayersScreen.-narrow #beside > Static { padding: 0; }
    LayersScreen.-narrow #measures, LayersScreen.-narrow #profile { display: none; }
    LayersScreen.-narrow QuestionSheet { layout: vertical; }
    LayersScreen.-narrow LayerSheet { width: 100%; }
    LayersScreen.-narrow QuestionSheet #side { width: 100%; height: 2; }
    LayersScreen.-narrow #ground { display: none; }
    LayersScreen.-short #measures { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._measure = MEASURES[0]
        self._each = False
        self._reader: LayerReader | None = None
        self._figures: LayerTable | None = None
        self._of: tuple[str | None, str] = (None, "")

    def compose_body(self) -> ComposeResult:
        yield LayerMap()
        yield QuestionSheet()

    @property
    def _sheet(self) -> bool:
        """All layers of one question are shown, not the map."""
        return self.has_class("-sheet")

    async def load(self) -> None:
        await (self.load_question() if self._sheet else self._load_map())

    # The map of layers by categories

    @property
    def _map(self) -> LayerMap:
        return self.query_one(LayerMap)

    async def _load_map(self) -> None:
        run, measure = self.selection.run or "", self._measure
        if self._reader is None:
            self._reader = LayerReader(self.store)
        if self._of != (run, measure.read):
            self._figures, self._of = None, (run, measure.read)
        try:
            self._figures = await self._reader.get(run, measure.read)
        except RelcliError:
            self._figures = None
            raise
        finally:
            self._paint()
        if not self._figures:
            raise await self._why_nothing(run)
        if self.focused is None:
            self._map.table.focus()

    def reading(self) -> str:
        return super().reading() if self._sheet else FAMILIES[self._measure.read]

    def reading_hint(self) -> str:
        return "" if self._sheet else "computed answer by answer, unless relcli db fill has kept it ready"

    def say_reading(self, began: float) -> None:
        """The figures of another measure don't stay meanwhile."""
        super().say_reading(began)
        if not self._sheet and self._map.has_figures and self._figures is None:
            self._paint()

    async def _why_nothing(self, run: str) -> RelcliError:
        rows = (await self.store.read("run", run=run)).as_dicts()
        if not rows:
            return run_is_gone(run)
        check_attention(rows[0])
        if self._measure.read == "layer_shift" and "masked" not in (rows[0]["variants"] or ("masked",)):
            return RelcliError(
                f"The run {run} was not asked on masked pictures, so nothing shifts (m continues)."
            )
        return RelcliError(f"The run {run} has no {FAMILIES[self._measure.read]} yet (r reads again).")

    def _paint(self) -> None:
        figures = self._figures
        if figures and (variants := figures.variants(self._measure)) and self._variant not in variants:
            self._variant = variants[0]
        self._map.show(figures, self._measure, self._variant, self._each)
        words = dict.fromkeys((FAMILIES[self._measure.read], self._measure.words))
        self.subtitle = " · ".join((self.selection.run or "", *words))

    def action_next_measure(self, by: int) -> None:
        at = MEASURES.index(self._measure)
        self.action_measure(MEASURES[(at + by) % len(MEASURES)].name)

    def action_measure(self, name: str) -> None:
        """Show that measure, reading its figures on first use."""
        self._measure = next(measure for measure in MEASURES if measure.name == name)
        if self._of == (self.selection.run, self._measure.read) and self._figures is not None:
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

    def action_scale(self) -> None:
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

    # All layers of one question

    def action_sheet(self) -> None:
        """From the map to the sheet, and back."""
        self.toggle_class("-sheet")
        self.refresh_bindings()
        self.reload()

    def go_back(self) -> bool:
        if self._sheet:
            self.action_sheet()
            return True
        return False

    def offers(self, action: str) -> bool:
        if action in (_ON_MAP if self._sheet else _ON_SHEET):
            return False
        return super().offers(action)

    def action_variant(self) -> None:
        if self._sheet:
            super().action_variant()
        elif self._figures and (variants := self._figures.variants(self._measure)):
            self._variant = variants[(variants.index(self._variant) + 1) % len(variants)]
            self._paint()

    def paint_question(self) -> None:
        question = self._question
        if question is None or not self.is_mounted or not self._sheet:
            return
        self.query_one(QuestionSheet).show(question, self._view)
        within = " · within the filter of Questions" if self.selection.filter.narrowed else ""
        where = f"all layers of question {question.key[0]}.{question.key[1]}"
        self.subtitle = f"{self.selection.run} · {where} · {question.category}{within}"

    def show_nothing(self) -> None:
        self._question = None
        self.subtitle = self.selection.run or ""
        self.query_one(QuestionSheet).clear()

    def action_layer(self, right: int, down: int) -> None:
        """Mark the layer that lies in that direction."""
        self.choose_layer(self.query_one(LayerSheet).beside(self._view.layer, right, down))

    def on_layer_sheet_chosen(self, event: LayerSheet.Chosen) -> None:
        self.choose_layer(event.layer)

    def action_question(self) -> None:
        self.context.go("question")

    # Taking it away

    def exportable(self) -> Exportable | None:
        run = self.selection.run
        if self._sheet:
            return self._attention()
        if not self._figures:
            return None
        stem = f"{run}-{FAMILIES[self._measure.read].replace(' ', '-')}-by-layer"
        return Exportable(stem, read=self._measure.read, params={"run": run})

    def figure(self) -> FigureAsked | None:
        if self._sheet:
            return self._layers_figure()
        name = FIGURES.get(self._measure.name)
        return FigureAsked(name, self.selection.run or "") if self._figures and name else None

    def copy_text(self) -> str | None:
        """The map as Markdown, or the question."""
        if self._sheet:
            return self._question and self._question.text
        if not self._figures:
            return None
        figures, grid = self._figures, self._figures.grid(self._measure, self._variant)
        names = [category or "all" for category in figures.categories]
        lines = [f"| layer | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
        for layer in figures.layers:
            found = (grid.get((category, layer)) for category in figures.categories)
            cells = ("" if each is None else self._measure.written(each.value) for each in found)
            lines.append(f"| {layer} | {' | '.join(cells)} |")
        return "\n".join(lines)
