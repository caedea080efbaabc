"""The filter of the questions as a line of chips: each names its key, a click changes it."""

from textual.app import RenderResult
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from relcli.results.questions import CHANGES, DIFFER, FLAWED, MARKED, SORTS, STATUSES, QuestionFilter
from relcli.tui.frame.keys import shown
from relcli.tui.widgets.safe_text import Text

CHIPS = (
    (shown("category"), "category"),
    (shown("variant"), "variant"),
    (shown("right_wrong"), "status"),
    (shown("flipped"), "change"),
    (shown("flawed"), "flawed"),
    (shown("marked"), "marked"),
    (shown("differ"), "differ"),
    (shown("sort"), "sort"),
)
_GAP = 2
_WORDS = {
    "status": STATUSES,
    "change": CHANGES,
    "flawed": FLAWED,
    "marked": MARKED,
    "differ": DIFFER,
    "sort": SORTS,
}


class FilterBar(Widget):
    """Shows a `Filter`; posts `Chip` when one of its chips is clicked."""

    DEFAULT_CSS = """
    FilterBar { height: auto; max-height: 3; width: 1fr; padding: 0 1; text-wrap: nowrap;
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
        self._tallest = (0, 0)  # the width it was laid out for, and the lines it took at most since

    def show(self, chosen: QuestionFilter) -> None:
        self._filter = chosen
        self.refresh(layout=not self.fits(chosen))

    def fits(self, chosen: QuestionFilter) -> bool:
        """The chips take as many lines as the bar has: showing them moves nothing else."""
        width, before = self.content_size.width, self._filter
        self._filter = chosen
        lines = len(self._lines(width)) if width else 0
        self._filter = before
        return 0 < lines <= self.content_size.height

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines once taken are kept while the width stays: list and case don't jump with every filter."""
        kept = self._tallest[1] if self._tallest[0] == width else 0
        self._tallest = width, max(kept, len(self._lines(width)))
        return self._tallest[1]

    def _lines(self, width: int) -> list[list[tuple[str, str, str]]]:
        """(key, field, words) of each chip, in as many lines as they need; a chip is never broken."""
        lines: list[list[tuple[str, str, str]]] = [[]]
        used = 0
        for key, name in CHIPS:
            if name == "differ" and not self._filter.other:
                continue
            value = getattr(self._filter, name)
            words = _WORDS.get(name, {}).get(value, value) or "all categories"
            taken = len(key) + 1 + len(words)
            if lines[-1] and used + taken > width:
                lines.append([])
                used = 0
            lines[-1].append((key, name, words))
            used += taken + _GAP
        return lines

    def render(self) -> RenderResult:
        accent = self.app.theme_variables["accent"]
        text = Text(no_wrap=True, overflow="ellipsis")
        for line in self._lines(self.content_size.width):
            for number, (key, name, words) in enumerate(line):
                text.append(" " * _GAP if number else "")
                start = len(text)
                text.append(f"{key} ", style=f"bold {accent}")
                narrowed = bool(getattr(self._filter, name)) and name not in ("variant", "sort")
                text.append(words, style="bold reverse" if narrowed else "")
                text.apply_meta({"@click": f"chip('{name}')"}, start, len(text))
            text.append("\n")
        text.right_crop(1)
        return text

    def action_chip(self, name: str) -> None:
        self.post_message(self.Chip(name))
