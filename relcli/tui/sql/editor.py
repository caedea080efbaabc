"""Where SQL is typed: colours, earlier statements, and a list of what may come next."""

from typing import ClassVar

import rich.text
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from relcli.tui.frame.keys import bind
from relcli.tui.sql.language import (
    Catalogue,
    History,
    Suggestion,
    spans,
    suggest,
)
from relcli.tui.widgets.cells import cut
from relcli.tui.widgets.safe_text import Text

_COLOURS = {"keyword": "primary", "string": "success", "number": "warning", "comment": ""}


class CompletionList(OptionList, can_focus=False):
    """A list that floats beside the cursor of the editor."""

    DEFAULT_CSS = """
    CompletionList { overlay: screen; constrain: inside inflect; display: none; width: 56; height: auto;
                     max-height: 9; background: $panel; border: none; padding: 0; }
    CompletionList.-shown { display: block; }
    CompletionList > .option-list--option-highlighted { background: $primary 45%; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__(compact=True)
        self.suggestions: list[Suggestion] = []
        self.replaces = 0

    def show(self, replaces: int, suggestions: list[Suggestion], cursor: Offset) -> None:
        """Offer these at the cursor; none hides the list."""
        self.replaces, self.suggestions = replaces, suggestions
        self.set_class(bool(suggestions), "-shown")
        if suggestions:
            self.set_options(
                Option(Text.assemble(f"{each.text:<28} ", (cut(each.kind, 26), "dim"), no_wrap=True))
                for each in suggestions
            )
            self.highlighted = 0
            self.absolute_offset = Offset(max(0, cursor.x - replaces), cursor.y + 1)

    @property
    def open(self) -> bool:
        return self.has_class("-shown")

    def hide(self) -> None:
        self.remove_class("-shown")

    @property
    def chosen(self) -> Suggestion:
        return self.suggestions[self.highlighted or 0]


class SqlEditor(TextArea):
    """`catalogue` feeds the list; `earlier` is walked with up on the first and down on the last line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("complete", "complete", show=True),
        bind("offer", "offer"),
        bind("earlier", "walk(-1)", show=True),
        bind("later", "walk(1)"),
    ]
    DEFAULT_CSS = """
    SqlEditor { border: none; padding: 0 1; background: $surface; scrollbar-size-vertical: 1; }
    SqlEditor:focus { border: none; background: $surface; }
    """

    class Walked(Message):
        """Another statement was fetched from the history."""

    def __init__(self, text: str, earlier: History, popup: CompletionList, *, id: str) -> None:
        super().__init__(
            text, id=id, soft_wrap=True, highlight_cursor_line=False, show_line_numbers=True, compact=True
        )
        self.catalogue, self.earlier, self._popup = Catalogue(), earlier, popup
        self._typing = False
        self.move_cursor(self.document.end)

    def get_line(self, line_index: int) -> rich.text.Text:
        line = super().get_line(line_index)
        for start, end, kind in spans(line.plain):
            line.stylize(self._style(kind), start, end)
        return line

    def _style(self, kind: str) -> Style:
        colour = self.app.theme_variables.get(_COLOURS[kind], "")
        bold = kind == "keyword"
        if kind == "comment":
            return Style(dim=True, italic=True)
        return Style(color=colour if colour.startswith("#") else None, bold=bold)

    def put(self, sql: str) -> None:
        """Put a whole statement in place of what is there; undo brings that back."""
        self._popup.hide()
        self.replace(sql, self.document.start, self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor at a place counted from 1."""
        row = min(max(0, line - 1), self.document.line_count - 1)
        self.move_cursor((row, min(max(0, column - 1), len(self.document.get_line(row)))))

    # Completion

    async def _on_key(self, event: events.Key) -> None:
        self._typing = event.is_printable or event.key == "backspace"
        if event.key == "enter":
            self._popup.hide()
        await super()._on_key(event)

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        if self._typing:
            self.action_offer()
        self._typing = False

    def on_text_area_selection_changed(self, _: TextArea.SelectionChanged) -> None:
        if self._popup.open and self._suggestions()[0] != self._popup.replaces:
            self._popup.hide()

    def on_blur(self, _: events.Blur) -> None:
        self._popup.hide()

    def _suggestions(self) -> tuple[int, list[Suggestion]]:
        before = self.get_text_range(self.document.start, self.cursor_location)
        return suggest(before, self.text, self.catalogue)

    def action_offer(self) -> None:
        self._popup.show(*self._suggestions(), self.cursor_screen_offset)

    def action_complete(self) -> None:
        """Take what the list has under its cursor; without a list, open one, or continue to the next
        widget."""
        if not self._popup.open:
            self.action_offer()
            if not self._popup.open:
                self.screen.focus_next()
            return
        row, column = self.cursor_location
        text, start = self._popup.chosen.text, (row, column - self._popup.replaces)
        self._popup.hide()
        self.replace(text, start, (row, column), maintain_selection_offset=False)
        self.move_cursor((row, start[1] + len(text)))

    # Earlier statements

    def action_walk(self, step: int) -> None:
        if (sql := self.earlier.move(step, self.text)) is not None:
            self.put(sql)
            self.post_message(self.Walked())

    def action_cursor_up(self, select: bool = False) -> None:
        if self._popup.open:
            self._popup.action_cursor_up()
        elif not select and self.cursor_location[0] == 0 and self.earlier.entries:
            self.action_walk(-1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if self._popup.open:
            self._popup.action_cursor_down()
        elif not select and self.cursor_location[0] == self.document.line_count - 1:
            self.action_walk(1)
        else:
            super().action_cursor_down(select)
