"""Windows that ask: yes or no, or for a line of text."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.dialog import Dialog
from relcli.tui.widgets.safe_static import SafeStatic


class ConfirmDialog(Dialog):
    """Asked before something is lost; True if it is to be done. The harmless answer has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("yes", "answer(True)"), bind("no", "answer(False)")]

    def __init__(self, title: str, sentence: str, yes: str, no: str) -> None:
        super().__init__()
        self._title, self._sentence, self._yes, self._no = title, sentence, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="window") as window:
            window.border_title = self._title
            yield SafeStatic(self._sentence, markup=False)
            with Horizontal(classes="buttons"):
                yield Button(f"{self._yes} (y)", id="yes", variant="error", compact=True)
                yield Button(f"{self._no} (n)", id="no", variant="primary", compact=True)

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


class LineDialog(Dialog):
    """Asks for a line of text; dismisses with it, or with None on esc."""

    def __init__(self, title: str, value: str, placeholder: str) -> None:
        super().__init__()
        self._title, self._value, self._placeholder = title, value, placeholder

    def compose(self) -> ComposeResult:
        with Vertical(classes="window") as window:
            window.border_title = self._title
            window.border_subtitle = "enter keeps it, esc leaves it"
            yield Input(self._value, placeholder=self._placeholder, id="line")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
