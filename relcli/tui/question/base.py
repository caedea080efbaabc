"""What the screens that show one question have in common: reading it, how its attention is looked at, and the
way to the next failure."""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from relcli.errors import RelcliError
from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import QuestionKey, QuestionView
from relcli.results.questions import QuestionFilter
from relcli.tui.frame.keys import bind
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.question import graphics
from relcli.tui.question.failures import FailureNavigator
from relcli.tui.question.reader import QuestionReader
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.questions.pages import key_in

_STRENGTHS = (0.75, 1.0, 0.5)
_OVER_SKETCH = _STRENGTHS[:2]  # outlines over the heat, or the heat alone
VIEW_KEYS = (
    bind("variant", "variant", show=True),
    bind("measure", "vector", "Mean, maximum, step"),
    bind("heat", "strength"),
    bind("frames", "frames"),
)
"""How the attention is looked at; for the BINDINGS of derived screens."""


class QuestionScreenBase(WorkScreen):
    """`load_question` shows the question looked at; keys step from it and change how it is looked at. Derived
    screens fill in `paint_question` and `show_nothing`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("next_failure", "step(False, True)", show=True),
        bind("previous_failure", "step(True, True)"),
        bind("next_question", "step(False, False)"),
        bind("previous_question", "step(True, False)"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._question: QuestionView | None = None
        self._variant = "raw"
        self._vector = 0
        self._frames = True
        self._stamp: tuple[int, ...] = ()
        self._question_reader: QuestionReader | None = None
        self._navigator: FailureNavigator | None = None

    @property
    def question_reader(self) -> QuestionReader:
        if self._question_reader is None:
            self._question_reader = QuestionReader(self.store)
        return self._question_reader

    @property
    def navigator(self) -> FailureNavigator:
        if self._navigator is None:
            self._navigator = FailureNavigator(self.question_reader)
        return self._navigator

    def paint_question(self) -> None:
        """Draw `self._question` as `self._view` says."""
        raise NotImplementedError

    def show_nothing(self) -> None:
        """There is no question to show."""
        raise NotImplementedError

    def show_question(self, question: QuestionView) -> None:
        """Show a question, on the picture looked at if it was asked on that one."""
        self._question = question
        if self._variant not in question.answers and question.variants:
            self._variant = question.variants[0]
        self.paint_question()

    @property
    def _maps(self) -> AttentionMaps | None:
        return self._question.maps.get(self._variant) if self._question else None

    @property
    def _view(self) -> ViewOptions:
        maps = self._maps
        choices = maps.choices if maps else []
        vector, step, words = choices[min(self._vector, len(choices) - 1)] if choices else ("", None, "")
        layer, strength = self.selection.layer, self.context.settings.strength
        if maps and layer is not None:
            layer = min(layer, len(maps.layers) - 1)
        return ViewOptions(self._variant, layer, vector, step, words, strength, self._frames)

    def _attention(self) -> Exportable | None:
        """The attention of the question shown, to be exported."""
        if self._question is None or self._question.run is None:
            return None
        run, (scene_id, question_index) = self._question.run, self._question.key
        params = {"run": run, "scene_id": scene_id, "question_index": question_index}
        return Exportable(
            f"{run}-{scene_id}-{question_index}-attention", read="answer_attention", params=params
        )

    def _layers_figure(self) -> FigureAsked | None:
        """All layers of the question shown, or its steps where one of them is looked at."""
        question = self._question
        if question is None or question.run is None or self._maps is None:
            return None
        number = f"{question.key[0]}.{question.key[1]}"
        options = ("--question", number, "--variant", self._variant)
        name = "layers" if self._view.step is None else "steps"
        return FigureAsked(name, question.run, options)

    def action_variant(self) -> None:
        if self._question and (variants := self._question.variants):
            at = variants.index(self._variant) if self._variant in variants else -1
            self._variant = variants[(at + 1) % len(variants)]
            self.paint_question()
            if self._question.run is not None:
                self._look_ahead()

    def action_vector(self) -> None:
        self._vector = (self._vector + 1) % max(1, len(self._maps.choices) if self._maps else 1)
        self.paint_question()

    def action_strength(self) -> None:
        values = _OVER_SKETCH if self._is_sketched() else _STRENGTHS
        now = self.context.settings.strength
        at = values.index(now) if now in values else 0
        self.context.settings.strength = values[(at + 1) % len(values)]
        self.context.keep_settings()
        self.paint_question()

    def _is_sketched(self) -> bool:
        """The picture is redrawn from its scene, and not by the terminal's own graphics."""
        from relcli.drawing.sketch import can_be_sketched

        scene = self._question.scenes.get(self._variant) if self._question else None
        return scene is not None and not graphics.is_on() and can_be_sketched(scene)

    def action_frames(self) -> None:
        self._frames = not self._frames
        self.paint_question()

    def action_all_layers(self) -> None:
        self.choose_layer(None)

    def choose_layer(self, layer: int | None) -> None:
        """Look at a layer, or at all of them."""
        self.selection.layer = layer
        self.paint_question()

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.paint_question)

    def reading(self) -> str:
        key = self.selection.key
        of = self.selection.run or "the newest run"
        return f"question {key[0]}.{key[1]} of {of}" if key else f"the first failure of {of}"

    async def load_question(self) -> None:
        """Show the question looked at; if there is none yet, the first failure, or else the first question.
        Raises RelcliError."""
        run, chosen = self.selection.run or "", self.selection.filter
        if (stamp := self.store.stamp()) != self._stamp:
            self.question_reader.forget()
            self._stamp = stamp
        if self.selection.key is None:
            first = await self.question_reader.beside(run, None, chosen, back=False, failures=True)
            first = first or await self.question_reader.beside(run, None, chosen, back=False, failures=False)
            if first is None:
                self.show_nothing()
                raise RelcliError(
                    f"The run {run} has no question that the filter lets through (keys 3, then 0)."
                )
            self.selection.key = first
        await self._go(self.selection.key)

    async def _go(self, key: QuestionKey) -> None:
        question = await self.question_reader.get(self.selection.run or "", key, self.selection.other)
        self.selection.key = key
        self.show_question(question)
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Read the failures beside the question that is shown: those on the picture looked at."""
        if self.selection.run is not None and self.selection.key is not None:
            self.navigator.stand(self.selection.run, self.selection.key, self._failure_filter)

    def on_unmount(self) -> None:
        self.navigator.stop()

    @property
    def _failure_filter(self) -> QuestionFilter:
        """The filter of the list, but failures are those on the picture that is looked at."""
        return replace(self.selection.filter, variant=self._variant)

    def action_step(self, back: bool, failures: bool) -> None:
        self.run_worker(partial(self._step, back, failures), group="load", exclusive=True)

    def offers(self, action: str) -> bool:
        return action == "filter" or super().offers(action)

    def action_filter(self) -> None:
        """Go to a question by its number."""
        from relcli.tui.widgets.question_dialog import LineDialog

        def go(text: str | None) -> None:
            if text and (key := key_in(text)) is not None:
                self.run_worker(partial(self._try, key), group="page")
            elif text:
                self.notify(f"{text} is no question; 25.108 is number 108 of scene 25.", severity="warning")

        self.app.push_screen(LineDialog("Go to question", "", "scene.number, such as 25.108"), go)

    async def _try(self, key: QuestionKey) -> None:
        try:
            await self.question_reader.get(self.selection.run or "", key, self.selection.other)
        except RelcliError as problem:
            self.notify(problem.message, severity="warning", timeout=10)
        else:
            self.selection.key = key
            self.reload()

    async def _step(self, back: bool, failures: bool) -> None:
        run, key, chosen = self.selection.run, self.selection.key, self._failure_filter
        if run is None:
            return
        try:
            near = await self.navigator.step(run, key, chosen, back=back, failures=failures)
            if near is None:
                what = f"wrong answer on {self._variant}" if failures else "question"
                self.notify(f"There is no {'earlier' if back else 'later'} {what}.", timeout=3)
                return
            await self._go(near)
        except RelcliError as problem:
            self.show_problem(problem.message)
        else:
            self.show_problem(None)
