"""The panel that cuts: what is cut on one side of it, and what that does to the answer."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Button, Input

from relcli.errors import RelcliError
from relcli.options.cut import REGIONS
from relcli.results.question import QuestionView
from relcli.tui.context import context_of
from relcli.tui.cutting.compute import CutView, compute_cut, keep, regions_of
from relcli.tui.cutting.picker import CellPicker
from relcli.tui.cutting.text import effect_text
from relcli.tui.frame.keys import bind
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.choices import Choices
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text

if TYPE_CHECKING:
    from relcli.jobs.worker_cut import Cutting

_CELLS = "cells"
_OFFERED = (*(name for name in REGIONS if name != "random"), _CELLS)
_FROM = ("answer", "question", "image", "all")
_WAIT_S = 0.15  # for the next key
_QUICK_S = 2.0  # an answer that takes longer is waited for only when enter asks for it
_HINT = "Pick cells with the arrow keys and space, or the mouse; or choose a region."


class CutPanel(Vertical):
    """Hidden until `open`. Each change is answered at once where the model is quick; `Changed` brings the
    question as it is answered now."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("start", "keep", "Keep the cut")]
    DEFAULT_CSS = """
    CutPanel { display: none; width: 3fr; padding: 0 1; border-left: solid $accent; }
    CutPanel.-shown { display: block; }
    CutPanel #cut-sides { height: 1fr; }
    CutPanel #cut-what { width: 2fr; height: 1fr; padding-left: 1; }
    CutPanel Input, CutPanel Input:focus { height: 1; border: none; padding: 0; }
    CutPanel .cut-row { height: 1; }
    CutPanel .cut-label { width: 8; color: $text-muted; }
    CutPanel #cut-effect { height: auto; }
    CutPanel Button { margin-right: 1; }
    """

    class Changed(Message):
        """view: what is shown under the cut; None: the question as it was."""

        def __init__(self, view: CutView | None, plain: QuestionView) -> None:
            super().__init__()
            self.view, self.plain = view, plain

    class Toggled(Message):
        """It was opened, or closed."""

        def __init__(self, is_open: bool) -> None:
            super().__init__()
            self.is_open = is_open

    def __init__(self) -> None:
        super().__init__()
        self._plain: QuestionView | None = None
        self._variant = ""
        self._view: CutView | None = None
        self._quick = True
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="cut-sides"):
            yield CellPicker()
            with Vertical(id="cut-what"):
                yield Choices([(name, name) for name in _OFFERED], [_CELLS], columns=4, id="cut-region")
                with Horizontal(classes="cut-row"):
                    yield SafeStatic("from", classes="cut-label")
                    yield Choices([(name, name) for name in _FROM], ["answer"], id="cut-from")
                for name, hint in (("layers", "all, or 0-5,12"), ("heads", "all, or 3.0,3.5, or random:20")):
                    with Horizontal(classes="cut-row"):
                        yield SafeStatic(name, classes="cut-label")
                        yield Input("all", placeholder=hint, id=f"cut-{name}")
                yield SafeStatic(_HINT, id="cut-effect", markup=False)
        with Horizontal(classes="cut-row"):
            yield Button("Keep it (ctrl+s)", id="cut-keep", compact=True)
            yield Button("Throw it away (esc)", id="cut-close", compact=True)

    @property
    def is_open(self) -> bool:
        return self.has_class("-shown")

    @property
    def view(self) -> CutView | None:
        """What is shown under the cut."""
        return self._view

    def open(self, question: QuestionView, variant: str) -> None:
        """Cut this question of a run on this picture."""
        self._plain, self._variant, self._view = question, variant, None
        self.add_class("-shown")
        self.post_message(self.Toggled(True))
        self._say(_HINT)
        self._show_cells()
        self.query_one(CellPicker).focus()

    def close(self) -> None:
        """Throw the cut away."""
        self._stop()
        plain, shown = self._plain, self._view
        self._plain = self._view = None
        self.remove_class("-shown")
        self.post_message(self.Toggled(False))
        self.screen.set_focus(None)
        if plain is not None and shown is not None:
            self.post_message(self.Changed(None, plain))

    def follow(self, question: QuestionView, variant: str) -> None:
        """Another picture, or another question, is looked at."""
        if self.is_open and self._plain and (self._plain.key, self._variant) != (question.key, variant):
            same = self._plain.key == question.key
            self._stop()
            plain = self._plain if same else question
            shown, self._view = self._view, None
            self.open(plain, variant)
            if same and shown is not None:
                self.post_message(self.Changed(None, plain))

    @property
    def cutting(self) -> "Cutting":
        """What is asked for."""
        from relcli.jobs.worker_cut import Cutting

        [source] = self.query_one("#cut-from", Choices).value
        return Cutting(
            region=self._region,
            cells=self.query_one(CellPicker).cells if self._region == _CELLS else frozenset(),
            source=source,  # type: ignore[arg-type]
            layers=self.query_one("#cut-layers", Input).value.strip() or "all",
            heads=self.query_one("#cut-heads", Input).value.strip() or "all",
        )

    @property
    def _region(self) -> str:
        return self.query_one("#cut-region", Choices).value[0]

    def _show_cells(self) -> None:
        """The region's cells on the picture; picked cells stay."""
        if (plain := self._plain) is None:
            return
        picker, maps = self.query_one(CellPicker), plain.maps.get(self._variant)
        height, width = (maps.height, maps.width) if maps else (1, 1)
        cells = picker.cells
        if self._region != _CELLS:
            found = regions_of(plain.coverage.get(self._variant))
            cells = found.get(self._region, range(height * width) if self._region == "image" else ())
        picker.show(plain.pictures.get(self._variant), height, width, cells)

    # What a person changes

    def on_cell_picker_picked(self, event: CellPicker.Picked) -> None:
        event.stop()
        self.query_one("#cut-region", Choices).value = (_CELLS,)
        self._changed()

    def on_choices_changed(self, event: Choices.Changed) -> None:
        event.stop()
        self._show_cells()
        self._changed()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._view is not None:
            self._changed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._cut()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "cut-keep":
            self.action_keep()
        else:
            self.close()

    def _changed(self) -> None:
        if not self._quick:
            self._say("Enter in layers or heads cuts: this model is not quick enough to do it at every key.")
            return
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_WAIT_S, self._cut)

    def _cut(self) -> None:
        if self._plain is not None:
            work = partial(self._compute, self._plain, self._variant, self.cutting)
            self.run_worker(work, group="cut", exclusive=True)

    async def _compute(self, plain: QuestionView, variant: str, cutting: "Cutting") -> None:
        self.add_class("-busy")
        try:
            view = await compute_cut(context_of(self), plain, variant, cutting)
        except RelcliError as problem:
            self._view = None
            self._say(problem.message)
            self.post_message(self.Changed(None, plain))
            return
        finally:
            self.remove_class("-busy")
        self._quick = view.seconds <= _QUICK_S
        self._view = view
        self._say(effect_text(view, tones(self.app.theme_variables)))
        self.post_message(self.Changed(view, plain))

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.workers.cancel_group(self, "cut")

    def _say(self, what: Text | str) -> None:
        self.query_one("#cut-effect", SafeStatic).update(what)

    # Keeping

    def action_keep(self) -> None:
        """Store what is shown as an intervention."""
        if self._view is None:
            self.notify("There is no cut to keep yet.", severity="warning")
            return
        self.run_worker(partial(self._keep, self._view), group="keep")

    async def _keep(self, view: CutView) -> None:
        name = view.cut.planned[0][0].intervention
        try:
            new = await keep(context_of(self), view)
        except RelcliError as problem:
            self.notify(problem.message, title="Nothing was kept", severity="error", markup=False)
            return
        said = f"{new} answers under {name}" if new else f"{name} has these answers already"
        self.notify(said, title="Kept", markup=False)
