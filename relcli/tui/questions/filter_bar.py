"""The filter of the questions as a line of chips: each names its key, a click changes it."""

from textual.app import RenderResult
from textual.message import Message
from textual.widget import Widget

from relcli.results.questions import CHANGES, FLAWED, STATUSES, QuestionFilter
from relcli.tui.frame.keys import shown
from relcli.tui.widgets.safe_text import Text

CHIPS = (
    (shown("category"), "category"),
    (shown("variant"), "variant"),
    (shown("right_wrong"), "status"),
    (shown("flipped"), "change"),
    (shown("flawed"), "flawed"),
)
_WORDS = {"status": STATUSES, "change": CHANGES, "flawed": FLAWED}


class FilterBar(Widget):
    """Shows a `Filter`; posts `Chip` when one of its chips is clicked."""

    DEFAULT_CSS = """
    FilterBar { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap;
                text-overflow: ellipsis; link-style: none; link-color: $foreground;
                link-style-hover: underline; link-background-hover: $background; }
    """

    class Chip(Message):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__()
        self._filter = QuestionFilter()

    def show(self, chosen: QuestionFilter) -> None:
        self._filter = chosen
        self.refresh()

    def render(self) -> RenderResult:
        accent = self.app.theme_variables["accent"]
        text = Text(no_wrap=True, overflow="ellipsis")
        for key, name in CHIPS:
            value = getattr(self._filter, name)
            words = _WORDS.get(name, {}).get(value, value) or "all categories"
            start = len(text)
            text.append(f"{key} ", style=f"bold {accent}")
            narrowed = bool(value) and name != "variant"
            text.append(words, style="bold reverse" if narrowed else "")
            text.apply_meta({"@click": f"chip('{name}')"}, start, len(text))
            text.append("  ")
        return text

    def action_chip(self, name: str) -> None:
        self.post_message(self.Chip(name))
