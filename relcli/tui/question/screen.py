"""One question: both pictures, the answer, and where the model looked."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import QuestionKey, QuestionView
from relcli.tui.cutting.panel import CutPanel
from relcli.tui.frame.keys import bind
from relcli.tui.frame.marking import Mark, MarkingScreen
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.question.base import VIEW_KEYS, QuestionScreenBase
from relcli.tui.question.layer_strip import LayerStrip
from relcli.tui.question.own_question import OwnQuestion
from relcli.tui.question.panels import Panels
from relcli.tui.question.text import ground_text, question_text, strip_measures, verdict_line
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.safe_static import SafeStatic


@dataclass(frozen=True, slots=True)
class Own:
    """An answer to somebody's own question. beside: the run and question it is shown in place of."""

    question: QuestionView
    variant: str
    beside: tuple[str | None, tuple[int, int] | None]


class QuestionScreen(MarkingScreen, QuestionScreenBase):
    """Key 4."""

    NAME = "question"
    NEEDS_RUN = True
    HELP = """\
The **raw** picture, its **masked** twin, and the attention of the model as a heat map over one of them. The
objects the question asks about have a frame.

Among the options ✓ marks what is right and ◀ what was said; the bars are the model's own probabilities. The
strip shows each layer: how much of the attention is on the picture at all, and how much of that is on what is
asked about. **4.1x** compares the share of the attention with that of the area: 1x is looking without
preference. `m` goes through mean, maximum, first and last step, and every step where the run kept them.

`n` and `N` go to the next and the previous failure on the chosen picture, within the filter of screen 3; `.`
and `,` go through all questions it lets through, and `/` goes to a number such as **25.108**. `x` marks the
question and `i` writes a note about it. `a` asks the model something of your own about the picture.

`X` cuts attention: pick cells or a region, layers and heads, and the model answers again without them. The
answer, the bars and the map change in place; the change of the log-odds stands beside that of matched random
sets. `ctrl+s` keeps the cut in the warehouse as `relcli cut` would, `esc` throws it away.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "layer(-1)", "Layer down"),
        bind("right", "layer(1)", "Layer", show=True),
        bind("home", "all_layers", "All layers"),
        *VIEW_KEYS,
        bind("mark", "mark", show=True),
        bind("zoom", "zoom"),
        bind("ask", "ask", show=True),
        bind("cut", "cut"),
        bind("page_down", "scroll_words(1)"),
        bind("page_up", "scroll_words(-1)"),
    ]
    DEFAULT_CSS = """
    QuestionScreen #verdicts { height: 1; padding: 0 1; }
    QuestionScreen #pictures { height: 56%; }
    QuestionScreen #lower { height: 1fr; border-top: solid $panel; }
    QuestionScreen #words { width: 3fr; padding: 0 1; }
    QuestionScreen #figures { width: 2fr; padding: 0 0 0 1; border-left: solid $panel; }
    QuestionScreen #ground { padding: 1 1 0 1; height: auto; }
    QuestionScreen.-narrow #lower { layout: vertical; }
    QuestionScreen.-narrow #figures { width: 100%; height: auto; border: none; padding: 0; }
    QuestionScreen.-narrow #ground { display: none; }
    QuestionScreen.-narrow #words { width: 100%; height: 1fr; }
    QuestionScreen.-short #pictures { height: 50%; min-height: 11; }
    QuestionScreen.-short #lower { border: none; }
    QuestionScreen.-zoomed #lower { display: none; }
    QuestionScreen.-cutting #figures { display: none; }
    QuestionScreen.-cutting.-narrow #pictures { display: none; }
    QuestionScreen.-cutting.-narrow CutPanel { width: 100%; height: 2fr; border: none; }
    QuestionScreen.-zoomed #pictures { height: 1fr; }
    """

    def compose_body(self) -> ComposeResult:
        yield SafeStatic(id="verdicts")
        yield Panels(id="pictures")
        with Horizontal(id="lower"):
            with VerticalScroll(id="words", can_focus=False):
                yield SafeStatic(id="question")
            with Vertical(id="figures"):
                yield LayerStrip()
                yield SafeStatic(id="ground")
            yield CutPanel()
        yield OwnQuestion()

    def __init__(self) -> None:
        super().__init__()
        self._own: Own | None = None

    async def load(self) -> None:
        if self._own is not None and self._own.beside == (self.selection.run, self.selection.key):
            self._show_own(self._own)
        else:
            self._own = None
            await self.load_question()

    def show_question(self, question: QuestionView) -> None:
        if self._question is None or (question.run, question.key) != (self._question.run, self._question.key):
            self.query_one("#words").scroll_home(animate=False)
        super().show_question(question)

    def show_nothing(self) -> None:
        self._question = None
        self.subtitle = ""
        self.query_one(Panels).clear()
        for name in ("#verdicts", "#question", "#ground"):
            self.query_one(name, SafeStatic).update("")
        self.query_one(LayerStrip).show((), 0, None)

    # What is shown

    def paint_question(self) -> None:
        question, maps = self._question, self._maps
        if question is None or not self.is_mounted:
            return
        view = self._view
        self.query_one(CutPanel).follow(question, view.variant)
        self.query_one("#verdicts", SafeStatic).update(verdict_line(question, view.variant, self.tone))
        self.query_one(Panels).show(question, view, self.tone, roomy=self.has_class("-wide"))
        place = self.query_one("#words")
        width = (place.size.width or self.size.width) - 1
        self.query_one("#question", SafeStatic).update(question_text(question, self.tone, width))
        self._paint_figures(question, maps, view)
        where = "" if question.run is None else f"question {question.key[0]}.{question.key[1]} · "
        within = " · within the filter of Questions" if self.selection.filter.narrowed else ""
        self.subtitle = f"{self.selection.run} · {where}{question.category}{within}"

    def _paint_figures(self, question: QuestionView, maps: AttentionMaps | None, view: ViewOptions) -> None:
        strip, ground = self.query_one(LayerStrip), self.query_one("#ground", SafeStatic)
        if maps is None:
            strip.show((), 0, None)
            ground.update("")
            return
        coverage = question.coverage.get(view.variant)
        measures = strip_measures(maps, coverage, view, with_entropy=self.has_class("-wide"))
        strip.show(measures, len(maps.layers), view.layer)
        sink = None if view.layer is None else question.sinks.get((view.variant, view.layer))
        weights = maps.weights(view.layer, view.vector, view.step)
        ground.update(ground_text(coverage, weights, maps.n_cells, sink, self.tone))

    # Keys

    def action_layer(self, by: int) -> None:
        """From all layers to the first, and on; back from the first to all."""
        if (maps := self._maps) is None:
            return
        here = self._view.layer
        at = max(-1, min(len(maps.layers) - 1, (-1 if here is None else here) + by))
        self.choose_layer(None if at < 0 else at)

    def on_layer_strip_chosen(self, event: LayerStrip.Chosen) -> None:
        self.choose_layer(event.layer)

    def action_scroll_words(self, by: int) -> None:
        self.query_one("#words").scroll_relative(y=3 * by, animate=False)

    def action_zoom(self) -> None:
        self.toggle_class("-zoomed")
        self.query_one(Panels).toggle_class("-zoomed")
        self.call_after_refresh(self.paint_question)

    def action_ask(self) -> None:
        if self._question is None or not self._question.pictures.get(self._variant):
            self.notify("There is no picture to ask about.", severity="warning")
            return
        self.query_one(OwnQuestion).open(self._question, self._variant)

    def action_cut(self) -> None:
        question, panel = self._question, self.query_one(CutPanel)
        if question is None or question.run is None or self._variant not in question.answers:
            self.notify("There is no question of a run to cut here.", severity="warning")
        elif not panel.is_open:
            panel.open(question, self._variant)

    def on_cut_panel_changed(self, event: CutPanel.Changed) -> None:
        """Show the question under the cut, unless somebody looks at another one meanwhile."""
        here = self._question
        if here is not None and (here.run, here.key) == (event.plain.run, event.plain.key):
            self.show_question(event.plain if event.view is None else event.view.question)

    def on_own_question_answered(self, event: OwnQuestion.Answered) -> None:
        """Show it, unless somebody looks at something else meanwhile: then it waits with its job."""
        here = self._question
        if self.app.screen is self and here and (here.run, here.key) == (event.about.run, event.about.key):
            self.show_answer(event.question, event.variant)

    def show_answer(self, question: QuestionView, variant: str) -> None:
        """Show an answer to a question of somebody's own, until another question is gone to."""
        self._own = Own(question, variant, (self.selection.run, self.selection.key))
        if self.is_ready and self.is_current:
            self._show_own(self._own)

    def _show_own(self, own: Own) -> None:
        self._variant = own.variant
        self.show_question(own.question)

    async def _go(self, key: QuestionKey) -> None:
        self._own = None
        await super()._go(key)

    def go_back(self) -> bool:
        if (own := self.query_one(OwnQuestion)).is_open:
            own.close()
            return True
        if (cutting := self.query_one(CutPanel)).is_open:
            cutting.close()
            return True
        if self._question is not None and self._question.run is None:
            self._own = None
            self.reload()
            return True
        if self.has_class("-zoomed"):
            self.action_zoom()
            return True
        return False

    def marked_question(self) -> Mark | None:
        question = self._question
        if question is None or question.run is None:
            return None
        return Mark(question.run, question.key, question.marked, question.note)

    def show_mark(self, mark: Mark) -> None:
        question = self._question
        if question is not None and (question.run, question.key) == (mark.run, mark.key):
            question.marked, question.note = mark.marked, mark.note
            self.paint_question()

    def exportable(self) -> Exportable | None:
        return self._attention()

    def figure(self) -> FigureAsked | None:
        return self._layers_figure()

    def copy_text(self) -> str | None:
        if (question := self._question) is None:
            return None
        said = [f"{variant}: {answered.answer}" for variant, answered in question.answers.items()]
        return "\n".join([question.text, *said])
