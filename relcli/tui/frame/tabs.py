"""The tabs, and under them what is being looked at."""

from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from relcli.tui.frame.registry import ENTRIES
from relcli.tui.widgets.cells import cut
from relcli.tui.widgets.safe_text import Text

_NAMED = 2 + sum(len(entry.title) + 3 for entry in ENTRIES)  # columns
_ROOMY = _NAMED + 2 * len(ENTRIES)
_TIGHT = _NAMED - len(ENTRIES)  # no space between a key and its name


class TabBar(Widget):
    """One line of tabs, each with its key, or the keys alone where there is no room for names; a click goes
    there. One line for the subtitle, or for what is being read."""

    DEFAULT_CSS = """
    TabBar { dock: top; height: 2; width: 100%; background: $panel; color: $foreground; link-style: none;
             text-wrap: nowrap; text-overflow: ellipsis;
             link-style-hover: underline; link-color: $foreground; link-background-hover: $panel; }
    """
    current: reactive[str] = reactive("", init=False)
    subtitle: reactive[str] = reactive("")
    reading: reactive[str] = reactive("")

    def __init__(self, current: str) -> None:
        super().__init__()
        self.set_reactive(TabBar.current, current)

    def render(self) -> RenderResult:
        colors = self.app.theme_variables
        text = Text(no_wrap=True, overflow="ellipsis")
        roomy, named = self.size.width >= _ROOMY, self.size.width >= _TIGHT
        space = " " if self.size.width >= _NAMED else ""
        for entry in ENTRIES:
            here = entry.name == self.current
            style = f"bold reverse {colors['primary']}" if here else ""
            key = "" if here else f"bold {colors['accent']}"
            gap = " " if roomy or here else ""
            start = len(text)
            text.append(gap)
            text.append(entry.key, style=f"{style} {key}".strip())
            if named or here:
                text.append(f"{' ' if here else space}{entry.title}", style=style)
            text.append(gap)
            if here:
                text.stylize(style, start, len(text))
            text.apply_meta({"@click": f"app.go('{entry.name}')"}, start, len(text))
            text.append(" " if named else "  ")
        text.right_crop(1 if named else 2)
        text.append("\n")
        if self.reading:
            text.append(f" {cut(self.reading, self.size.width - 2)}", style=colors["warning"])
        else:
            text.append(f" {self._fitting()}", style="dim")
        return text

    def _fitting(self) -> str:
        """The subtitle; a long name at its start makes room for what is said after it."""
        name, dot, rest = self.subtitle.partition(" · ")
        room = self.size.width - 2 - len(dot + rest)
        return f"{cut(name, max(12, room))}{dot}{rest}"
