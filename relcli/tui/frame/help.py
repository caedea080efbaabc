"""The help of a screen."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.markup import escape
from textual.widgets import Markdown

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.dialog import Dialog
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.visible import visible


class HelpDialog(Dialog):
    """Every key that works on the screen now, and what the screen is for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("help", "dismiss_none", "Close"),
        bind("help_now", "dismiss_none", "Close"),
        bind("quit", "dismiss_none", "Close"),
    ]
    DEFAULT_CSS = """
    HelpDialog > .window { width: 84; }
    HelpDialog Markdown { padding: 0; margin: 0; background: $surface; }
    HelpDialog #keys { height: auto; }
    HelpDialog #keys > Static { width: 1fr; height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    HelpDialog VerticalScroll { height: auto; max-height: 100%; }
    """

    def __init__(self, title: str, help_text: str, keys: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        super().__init__()
        self._title, self._help, self._keys = title, help_text, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="window") as window:
            window.border_title = escape(visible(self._title))
            window.border_subtitle = "esc closes"
            with Horizontal(id="keys"):
                for section, keys in self._keys.items():
                    yield SafeStatic(self._column(section, keys))
            yield Markdown(self._help)

    def _column(self, section: str, keys: Sequence[tuple[str, str]]) -> Text:
        accent = tones(self.app.theme_variables)["accent"]
        wide = max((len(key) for key, _ in keys), default=0)
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f"{section}\n", style="bold")
        for key, what in sorted(keys, key=lambda each: each[0].startswith("^")):  # plain keys first
            text.append(f"{key:>{wide}}  ", style=f"bold {accent}").append(f"{what}\n")
        return text

    @property
    def keys(self) -> str:
        """The keys as they are shown."""
        return "\n".join(str(each.render()) for each in self.query("#keys > Static").results(SafeStatic))
