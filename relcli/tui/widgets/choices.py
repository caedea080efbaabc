"""A few words to choose from, on one line or in columns, with signs that read without colour."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from relcli.tui.frame.keys import bind
from relcli.tui.widgets.safe_text import Text

_SIGNS = {True: ("■", "□"), False: ("●", "○")}  # several of them, one of them


class Choices(Widget, can_focus=True):
    """`several`: any number of them, else exactly one. `value` holds what is chosen, in the order offered;
    `Changed` is posted when a person changes it. At most `columns` on a line (0: any number),
    as the width allows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "move(-1)", "Choice before"),
        bind("right", "move(1)", "Next choice"),
        bind("line_up", "line(-1)", "Line up"),
        bind("line_down", "line(1)", "Line down"),
        bind("tick", "choose"),
    ]
    DEFAULT_CSS = """
    Choices { height: auto; width: 1fr; pointer: pointer; }
    """

    class Changed(Message):
        def __init__(self, choices: "Choices") -> None:
            super().__init__()
            self.choices = choices

        @property
        def control(self) -> "Choices":
            return self.choices

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        chosen: Iterable[str],
        *,
        several: bool = False,
        columns: int = 0,
        id: str | None = None,
    ) -> None:
        """`options`: (value, words) each."""
        super().__init__(id=id)
        self._options, self._several = tuple(options), several
        self._wanted = columns
        self._most = self._columns = columns or len(self._options)
        self._chosen = set(chosen)
        self._at = 0
        self._to_chosen()

    @property
    def value(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._options if name in self._chosen)

    @value.setter
    def value(self, chosen: Iterable[str]) -> None:
        self._chosen = set(chosen)
        self._to_chosen()
        self.refresh()

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """(value, words) each."""
        return self._options

    @property
    def chosen(self) -> frozenset[str]:
        """What was chosen, whether it is offered now or not."""
        return frozenset(self._chosen)

    @property
    def offered(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._options)

    def offer(self, options: Sequence[tuple[str, str]], chosen: Iterable[str]) -> None:
        """Other options, (value, words) each, and those of them that are chosen."""
        self._options, self._at = tuple(options), 0
        self._most = self._columns = self._wanted or len(self._options)
        self.value = chosen
        self.refresh(layout=True)

    def _to_chosen(self) -> None:
        if not self._several:
            names = [name for name, _ in self._options]
            self._at = next((at for at, name in enumerate(names) if name in self._chosen), 0)

    def _widths(self, columns: int) -> list[int]:
        """Of each column, with its sign and the gap after it."""
        lengths = [len(words) + 4 for _, words in self._options]
        return [max(lengths[at::columns]) for at in range(columns)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        fitting = (n for n in range(self._most, 1, -1) if sum(self._widths(n)) - 2 <= width)
        self._columns = next(fitting, 1)
        return -(-len(self._options) // self._columns)

    def render(self) -> RenderResult:
        text = Text(no_wrap=True, overflow="ellipsis")
        widths = self._widths(self._columns)
        accent = self.app.theme_variables["accent"]
        for at, (name, words) in enumerate(self._options):
            if at and at % self._columns == 0:
                text.append("\n")
            on = name in self._chosen
            start = len(text)
            text.append(_SIGNS[self._several][not on], style=accent if on else "dim")
            text.append(f" {words}", style="reverse" if self.has_focus and at == self._at else "")
            text.apply_meta({"at": at}, start, len(text))
            if (at + 1) % self._columns:
                text.append(" " * (widths[at % self._columns] - (len(text) - start)))
        return text

    def on_click(self, event: events.Click) -> None:
        if (at := event.style.meta.get("at")) is not None:
            self._at = at
            self.action_choose()

    def action_choose(self) -> None:
        name = self._options[self._at][0]
        if self._several:
            self._chosen ^= {name}
        else:
            self._chosen = {name}
        self.refresh()
        self.post_message(self.Changed(self))

    def action_move(self, step: int) -> None:
        """To the next one; where only one can be chosen, that chooses it."""
        self._at = (self._at + step) % len(self._options)
        if self._several:
            self.refresh()
        else:
            self.action_choose()

    def action_line(self, step: int) -> None:
        """A line up or down; past the last one, to the next field."""
        if 0 <= (to := self._at + step * self._columns) < len(self._options):
            self._at = to
            self.refresh()
        elif step > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def on_focus(self, _: events.Focus) -> None:
        self.refresh()

    def on_blur(self, _: events.Blur) -> None:
        self.refresh()
