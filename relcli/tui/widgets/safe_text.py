"""Text for the terminal application: what comes from models, files and other people's warehouses is shown,
never obeyed. Every module takes `Text` from here, not from rich."""

from typing import Self, cast

import rich.text
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.text import Span
from textual.color import Color
from textual.filter import LineFilter

from relcli.visible import unseen, visible


class Text(rich.text.Text):
    """rich's Text, with unseen characters as `relcli.visible` shows them; lines may end."""

    __slots__ = ()

    def __init__(self, text: str = "", *args, **how) -> None:
        super().__init__(visible(text, keep="\n"), *args, **how)

    @classmethod
    def assemble(cls, *parts, **how) -> Self:
        return cast("Self", super().assemble(*parts, **how))

    def append(self, text: str | rich.text.Text, style=None) -> Self:
        super().append(visible(text, keep="\n") if isinstance(text, str) else text, style)
        return self

    def append_text(self, text: rich.text.Text) -> Self:
        super().append_text(text)
        return self


def seen(text: rich.text.Text | str) -> rich.text.Text:
    """A string, or a text made by somebody else, with its unseen characters shown; lines may end."""
    if isinstance(text, str):
        return Text(text)
    marks = [(at, mark) for at, mark in unseen(text.plain) if text.plain[at] != "\n"]
    if not marks:
        return text
    shown, last = text.blank_copy(), 0
    for at, mark in marks:
        letter = text[at : at + 1]
        styled = rich.text.Text(mark, spans=[Span(0, len(mark), span.style) for span in letter.spans])
        shown.append_text(text[last:at]).append_text(styled)
        last = at + 1
    return shown.append_text(text[last:])


class Unseen(LineFilter):
    """The last gate before the terminal: whatever got here as it was, such as what somebody pastes into a
    field, keeps its place, its unseen characters as one sign each."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        # A terminal's own graphics are control segments, and made here.
        return [each if each.control or each.text.isprintable() else _signed(each) for each in segments]


def _signed(segment: Segment) -> Segment:
    text, last = "", 0
    for at, _ in unseen(segment.text):
        text, last = f"{text}{segment.text[last:at]}\ufffd", at + 1
    if not last:
        return segment
    shown = set_cell_size(text + segment.text[last:], cell_len(segment.text))
    return Segment(shown, segment.style)
