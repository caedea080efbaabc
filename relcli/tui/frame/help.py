"""The help of a screen."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.markup import escape
from textual.widgets import Markdown

from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.dialog import Dialog
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.visible import visible


class HelpDialog(Dialog):
    """What the screen is for, and every key that works on it now."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1,q", "dismiss_none", "Close", show=False)]
    DEFAULT_CSS = """
    HelpDialog > .window { width: 84; }
    HelpDialog Markdown { padding: 0; margin: 0; background: $surface; }
    HelpDialog VerticalScroll { height: auto; max-height: 100%; }
    """

    def __init__(self, title: str, help_text: str, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._help, self._keys = title, help_text, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="window") as window:
            window.border_title = escape(visible(self._title))
            window.border_subtitle = "esc closes"
            yield Markdown(self._help)
            yield SafeStatic(self._table(), id="keys")

    def _table(self) -> Text:
        accent = tones(self.app.theme_variables)["accent"]
        text = Text("\n")
        for key, what in self._keys:
            text.append(f"{key:>14}  ", style=f"bold {accent}").append(f"{what}\n")
        return text
