"""Windows over a screen, and the one that offers a choice from a list."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.markup import escape
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.safe_text import Text, seen
from relcli.visible import visible


class Dialog(ModalScreen):
    """A window in the middle; esc closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("back", "dismiss_none", "Close", show=True)]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .window { width: 76; max-width: 96%; height: auto; max-height: 90%; background: $surface;
                       border: round $primary; padding: 0 1; border-title-color: $primary; }
    Dialog .buttons { height: auto; align-horizontal: right; padding-top: 1; }
    Dialog .buttons Button { margin-left: 2; }
    Dialog .hint { color: $text-muted; }
    Dialog OptionList, Dialog OptionList:focus { height: auto; background: $surface; border: none;
                                                 padding: 0; }
    """

    def action_dismiss_none(self) -> None:
        self.dismiss(None)


class ChooseDialog(Dialog):
    """A list to choose one of; typing narrows it. Those `barred` are shown and can't be chosen. Dismisses
    with the name chosen."""

    DEFAULT_CSS = """
    ChooseDialog OptionList { max-height: 18; }
    """

    def __init__(
        self, title: str, choices: Sequence[tuple[str, Text | str]], barred: Collection[str] = ()
    ) -> None:
        super().__init__()
        self._title, self._barred = title, barred
        self._choices = [(name, seen(shown)) for name, shown in choices]

    def compose(self) -> ComposeResult:
        with Vertical(classes="window") as window:
            window.border_title = escape(visible(self._title))
            yield Input(placeholder="type to narrow", id="narrow")
            yield OptionList(*self._options(""))

    def on_mount(self) -> None:
        self._highlight_first()

    def _options(self, wanted: str) -> list[Option]:
        return [
            Option(shown, id=name, disabled=name in self._barred)
            for name, shown in self._choices
            if wanted in shown.plain.lower()
        ]

    def _highlight_first(self) -> None:
        options = self.query_one(OptionList)
        free = (at for at, option in enumerate(options.options) if not option.disabled)
        options.highlighted = next(free, None)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one(OptionList).set_options(self._options(event.value.lower()))
        self._highlight_first()

    def on_input_submitted(self) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def on_key(self, event) -> None:
        if event.key in ("down", "up") and isinstance(self.focused, Input):
            options = self.query_one(OptionList)
            (options.action_cursor_down if event.key == "down" else options.action_cursor_up)()
            event.stop()
