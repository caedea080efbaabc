"""What the terminal can show of colours."""

import os
from typing import TYPE_CHECKING, Any

from relcli.tui.widgets.safe_text import Text

if TYPE_CHECKING:
    from textual.app import App

    from relcli.drawing.tints import Tints

_GREY = "no colours: bright is more"
_WHY = {"ansi": "16 colours: heat in greys", "none": "no colours: heat as shading", "true": ""}


def is_grey() -> bool:
    """Whether colours end up as greys, as Textual draws them where NO_COLOR is set: two ends of a scale that
    differ in hue alone would look the same."""
    return "NO_COLOR" in os.environ


def tints_of(app: "App[Any]") -> "Tints":
    """Any colour, sixteen, or none."""
    if app.console.no_color:
        return "none"
    return "ansi" if app.console.color_system == "standard" else "true"


def why(tints: "Tints") -> str:
    """Why the heat isn't in its colours; "" where it is."""
    return _GREY if is_grey() else _WHY[tints]


def append_bar(text: Text, width: int, tints: "Tints", *, diverging: bool = False) -> Text:
    """The colours of heat from the lowest level to the highest, behind a text; returns it."""
    from relcli.drawing.tints import color_bar

    for segment in color_bar(width, tints, diverging=diverging):
        text.append(segment.text, style=segment.style)
    return text
