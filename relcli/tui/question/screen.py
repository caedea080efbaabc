"""What a screen with a `Case` does: the keys for one question, its answers, cuts, tokens and marks."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType

from relcli.results.question import QuestionKey, QuestionView
from relcli.tui.cutting.panel import CutPanel
from relcli.tui.frame.keys import bind
from relcli.tui.frame.marking import Mark, MarkingScreen
from relcli.tui.looking.actions import LOOKING_KEYS, Looking
from relcli.tui.looking.token_line import TokenLine
from relcli.tui.question.base import VIEW_KEYS, QuestionScreenBase
from relcli.tui.question.case import Case
from relcli.tui.question.layer_strip import LayerStrip
from relcli.tui.question.own_question import OwnQuestion


@dataclass(frozen=True, slots=True)
class Own:
    """An answer to somebody's own question. beside: the run and question it is shown in place of."""

    question: QuestionView
    variant: str
    beside: tuple[str | None, tuple[int, int] | None]


class CaseScreen(Looking, MarkingScreen, QuestionScreenBase):
    """Derived screens compose a `Case`, and say by `case_is_shown` whether it is seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "layer(-1)", "Layer down"),
        bind("right", "layer(1)", "Layer", show=True),
        bind("home", "all_layers", "All layers"),
        *VIEW_KEYS,
        *LOOKING_KEYS,
        bind("mark", "mark"),
        bind("zoom", "zoom"),
        bind("ask", "ask"),
        bind("cut", "cut"),
        bind("page_down", "scroll_words(1)"),
        bind("page_up", "scroll_words(-1)"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._own: Own | None = None

    @property
    def case(self) -> Case:
        return self.query_one(Case)

    @property
    def case_is_shown(self) -> bool:
        raise NotImplementedError

    async def load_case(self) -> None:
        """Show the question looked at, or somebody's own that was asked about it. Raises RelcliError."""
        if self._own is not None and self._own.beside == (self.selection.run, self.selection.key):
            self._show_own(self._own)
        else:
            self._own = None
            await self.load_question()

    def show_nothing(self) -> None:
        self._question = None
        self.case.clear()
        self.token_line.show(None, "", None)

    def paint_question(self) -> None:
        if self._question is None or not self.is_mounted or not self.case_is_shown:
            return
        self.token_line.show(self._question, self._variant, self._view.layer)
        self.case.show(self._question, self._view)
        self.say_where()

    def say_where(self) -> None:
        """The line under the tabs."""
        raise NotImplementedError

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
        self.case.scroll_words(by)

    def action_zoom(self) -> None:
        """The pictures alone, and back."""
        self.case.toggle_class("-pictures")
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

    def looked_at(self) -> tuple[QuestionView | None, str]:
        return self._question, self._variant

    def on_token_line_looked(self, event: TokenLine.Looked) -> None:
        """Show the question with another map, unless somebody looks at another one meanwhile."""
        here, looked = self._question, event.question
        if here is not None and (here.run, here.key) == (looked.run, looked.key):
            looked.marked, looked.note = here.marked, here.note
            self.show_question(looked)

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

    def leave_case(self) -> bool:
        """Close what is open over the case; False if nothing is."""
        if (own := self.query_one(OwnQuestion)).is_open:
            own.close()
            return True
        if (cutting := self.query_one(CutPanel)).is_open:
            cutting.close()
            return True
        if self.token_line.back():
            return True
        if self._question is not None and self._question.run is None:
            self._own = None
            self.reload()
            return True
        if self.case.has_class("-pictures"):
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
        if question is None or (question.run, question.key) != (mark.run, mark.key):
            return
        if (question.marked, question.note) != (mark.marked, mark.note):
            question.marked, question.note = mark.marked, mark.note
            self.paint_question()

    def case_text(self) -> str | None:
        """The question and what was said, to be copied."""
        if (question := self._question) is None:
            return None
        said = [f"{variant}: {answered.answer}" for variant, answered in question.answers.items()]
        return "\n".join([question.text, *said])
