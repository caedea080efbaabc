"""The help of a screen."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.markup import escape
from textual.widgets import Markdown

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.dialog import Dialog
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.visible import visible


class HelpDialog(Dialog):
    """What the screen is for, and every key that works on it now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("help", "dismiss_none", "Close"),
        bind("help_now", "dismiss_none", "Close"),
        bind("quit", "dismiss_none", "Close"),
    ]
    DEFAULT_CSS = """
    HelpDialog > .window { width: 84; }
    HelpDialog Markdown { padding: 0; margin: 0; background: $surface; }
    HelpDialog VerticalScroll { height: auto; max-height: 100%; }
    """

    def __init__(self, title: str, help_text: str, keys: Mapping[str, Sequence[tuple[str, str]]]) -> None:
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
        text = Text()
        for section, keys in self._keys.items():
            text.append(f"\n{section}\n", style="bold")
            for key, what in keys:
                text.append(f"{key:>14}  ", style=f"bold {accent}").append(f"{what}\n")
        return text
