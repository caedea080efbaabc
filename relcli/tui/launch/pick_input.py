"""A line to type in, with a list of what one is likely to mean."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.safe_text import Text


class PickInput(Horizontal):
    """An input; `down`, or the mark at its end, opens the list. What is typed need not be on the list."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("line_down", "list", "List")]
    DEFAULT_CSS = """
    PickInput { height: 1; width: 1fr; }
    PickInput Input { width: 1fr; }
    PickInput Button { width: 3; min-width: 3; padding: 0; }
    """

    def __init__(self, title: str, value: str, *, id: str) -> None:
        super().__init__()
        self._title, self._input_id, self._value = title, id, value
        self._choices: tuple[tuple[str, Text], ...] = ()

    def compose(self) -> ComposeResult:
        yield Input(self._value, id=self._input_id, compact=True, select_on_focus=False)
        button = Button("▾", compact=True)
        button.can_focus = False
        yield button

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """What the list has: (value, words) each."""
        self._choices = tuple((name, Text(words)) for name, words in choices)
        names = [name for name, _ in self._choices]
        self.query_one(Input).suggester = SuggestFromList(names, case_sensitive=False)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_list()

    def action_list(self) -> None:
        from relcli.tui.widgets.dialog import ChooseDialog

        def chosen(name: str | None) -> None:
            field = self.query_one(Input)
            if name is not None:
                field.value = name
                field.cursor_position = len(name)
            field.focus()

        if self._choices:
            self.app.push_screen(ChooseDialog(self._title, self._choices), chosen)
