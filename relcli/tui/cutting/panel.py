"""The panel that cuts and steers attention: where, on one side of it, and what that does to the answer."""

import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Button, Input

from relcli.errors import RelcliError
from relcli.hints import with_database
from relcli.results.question import QuestionView
from relcli.tui.context import context_of
from relcli.tui.cutting.compute import EditView, compute_edit, keep, reads_unfilled, regions_of
from relcli.tui.cutting.fields import CELLS, STEER, EditFields
from relcli.tui.cutting.picker import CellPicker
from relcli.tui.cutting.text import effect_text
from relcli.tui.frame.keys import bind
from relcli.tui.frame.screen import COMPUTED_ANEW
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.choices import Choices
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text

if TYPE_CHECKING:
    from relcli.jobs.worker_cut import Cutting
    from relcli.jobs.worker_steer import Drawing

_WAIT_S = 0.15  # for the next key
_SAY_AFTER_S = 0.2  # what is answered quicker needs no word about it
_QUICK_S = 2.0  # an answer that takes longer is waited for only when enter asks for it
_HINT = "Pick cells with the arrow keys and space, or the mouse; or choose a region."


class CutForm(Vertical):
    """What the panel is made of."""

    def compose(self) -> ComposeResult:
        with Horizontal(id="cut-sides"):
            yield CellPicker()
            with Vertical(id="cut-what"):
                yield EditFields()
                yield SafeStatic(_HINT, id="cut-effect", markup=False)
        with Horizontal(id="cut-buttons"):
            yield Button("Keep it (ctrl+s)", id="cut-keep", compact=True)
            yield Button("Throw it away (esc)", id="cut-close", compact=True)
            yield Button("By layer (f6)", id="cut-by-layer", compact=True)


class CutPanel(Vertical):
    """Hidden until `open`, and empty until the first time. Each change is answered at once where the model is
    quick; `Changed` brings the question as it is answered now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("start", "keep", "Keep it"),
        bind("by_layer", "by_layer"),
    ]
    DEFAULT_CSS = """
    CutPanel { display: none; width: 2fr; padding: 0 1; border-left: solid $accent; }
    CutPanel.-shown { display: block; }
    CutPanel #cut-sides { height: 1fr; }
    CutPanel #cut-what { width: 2fr; height: 1fr; padding-left: 1; }
    CutPanel #cut-buttons { height: 1; }
    CutPanel #cut-effect { height: auto; }
    CutPanel Button { margin-right: 1; }
    """

    class Changed(Message):
        """view: what is shown under the edit; None: the question as it was."""

        def __init__(self, view: EditView | None, plain: QuestionView) -> None:
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
        self._view: EditView | None = None
        self._quick = True
        self._is_made = False
        self._timer: Timer | None = None

    @property
    def is_open(self) -> bool:
        return self.has_class("-shown")

    @property
    def view(self) -> EditView | None:
        """What is shown under the edit."""
        return self._view

    def open(self, question: QuestionView, variant: str) -> None:
        """Cut or steer this question of a run on this picture."""
        self._plain, self._variant, self._view = question, variant, None
        self.add_class("-shown")
        self.post_message(self.Toggled(True))
        if self._is_made:
            self._begin()
        elif not self.query(CutForm):
            self.run_worker(self._make, group="page")

    async def _make(self) -> None:
        """A third of the widgets on the screen of questions, which its first visit need not wait for."""
        await self.mount(CutForm())
        self._is_made = True
        if self.is_open:
            self._begin()

    def _begin(self) -> None:
        self._say(_HINT)
        self._show_cells()
        self.query_one(CellPicker).focus()

    def close(self) -> None:
        """Throw the edit away."""
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
    def asked(self) -> "Cutting | Drawing":
        """What is asked for. Raises UsageError."""
        return self._fields.asked(self.query_one(CellPicker).cells)

    @property
    def _fields(self) -> EditFields:
        return self.query_one(EditFields)

    def _show_cells(self) -> None:
        """The region's cells on the picture; picked cells stay."""
        if (plain := self._plain) is None:
            return
        picker, maps = self.query_one(CellPicker), plain.maps.get(self._variant)
        height, width = (maps.height, maps.width) if maps else (1, 1)
        cells, region = picker.cells, self._fields.of_region
        if region != CELLS:
            found = regions_of(plain.coverage.get(self._variant))
            cells = found.get(region, range(height * width) if region == "image" else ())
        lit = self._fields.kind == STEER
        picker.show(plain.pictures.get(self._variant), height, width, cells, lit=lit)

    # What a person changes

    def on_cell_picker_picked(self, event: CellPicker.Picked) -> None:
        event.stop()
        self._fields.pick_cells()
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
        self._ask()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "cut-keep":
            self.action_keep()
        elif event.button.id == "cut-by-layer":
            self.action_by_layer()
        else:
            self.close()

    def _changed(self) -> None:
        if not self._quick:
            self._say("Enter in layers or heads asks: this model is not quick enough to do it at every key.")
            return
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_WAIT_S, self._ask)

    def _ask(self) -> None:
        if self._plain is not None:
            self.run_worker(partial(self._compute, self._plain, self._variant), group="cut", exclusive=True)

    async def _compute(self, plain: QuestionView, variant: str) -> None:
        began, context, hint = time.monotonic(), context_of(self), ""

        def say_waiting() -> None:
            seconds = int(time.monotonic() - began)
            words = "Asking the model …" + (f" {seconds} s" if seconds else "")
            self._say(f"{words}\n{hint}" if hint else words)

        waits = self.set_interval(_SAY_AFTER_S, say_waiting)
        try:
            asked = self.asked
            if await reads_unfilled(context, plain, asked):
                hint = with_database(f"The run's sinks are {COMPUTED_ANEW}.")
            view = await compute_edit(context, plain, variant, asked)
        except RelcliError as problem:
            self._view = None
            self._say(problem.message)
            self.post_message(self.Changed(None, plain))
            return
        finally:
            waits.stop()
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

    def action_by_layer(self) -> None:
        """Sweeps over layers of what is cut, and of patches: those there are, and new ones."""
        from relcli.tui.cutting.sweep_command import cut_command, patch_command
        from relcli.tui.cutting.sweeps import SweepsDialog

        if (plain := self._plain) is None or plain.run is None:
            return
        offered: dict[str, list[str]] = {}
        for name, command in (
            (f"cut {self._fields.of_region}", lambda: cut_command(plain, self._variant, self.asked)),
            ("patch from the twin", lambda: patch_command(plain)),
        ):
            try:
                offered[name] = command()
            except RelcliError as problem:
                self.notify(problem.message, severity="warning", markup=False)
        self.app.push_screen(SweepsDialog(plain.run, offered))

    # Keeping

    def action_keep(self) -> None:
        """Store what is shown as an intervention."""
        if self._view is None:
            self.notify("There is nothing to keep yet.", severity="warning")
            return
        self.run_worker(partial(self._keep, self._view), group="keep")

    async def _keep(self, view: EditView) -> None:
        name = view.edited.planned[0][0].intervention
        try:
            new = await keep(context_of(self), view)
        except RelcliError as problem:
            self.notify(problem.message, title="Nothing was kept", severity="error", markup=False)
            return
        said = f"{new} answers under {name}" if new else f"{name} has these answers already"
        self.notify(said, title="Kept", markup=False)
