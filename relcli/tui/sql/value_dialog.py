"""A value of a result in full."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.markup import escape

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.dialog import Dialog
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.visible import visible

_MOST_SHOWN = 20_000  # letters of one value; y copies all of it


class ValueDialog(Dialog):
    """One value in full; y copies it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("open", "dismiss_none", "Close"),
        bind("copy", "copy", show=True),
    ]
    DEFAULT_CSS = """
    ValueDialog > .window { width: 90; }
    ValueDialog VerticalScroll { max-height: 30; }
    """

    def __init__(self, title: str, value: str) -> None:
        super().__init__()
        self._title, self._value = title, value

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="window") as window:
            window.border_title, window.border_subtitle = escape(visible(self._title)), "y copies, esc closes"
            more = "…" if len(self._value) > _MOST_SHOWN else ""
            yield SafeStatic(self._value[:_MOST_SHOWN] + more, id="value", markup=False)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._value)
        self.dismiss(None)
