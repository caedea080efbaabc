"""Heat in what a terminal can show: any colour, the sixteen of ANSI, or none."""

from functools import cache
from typing import Final, Literal

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from relcli.drawing.colormap import heat_color

Tints = Literal["true", "ansi", "none"]
"""What the terminal can show: any colour; the sixteen of ANSI, where heat takes their four greys, since their
other colours have no order of brightness, and differences go from blue to red; none, where heat is shading
(░▒▓█) under the ink, and differences are signs (=- +#)."""
Ground = tuple[Color | None, Color | None]
"""The colour of a ground, and of letters that are read on it."""
STEPS: Final = 64
"""Levels of heat."""

_GREYS: Final = (("black", "white"), ("bright_black", "white"), ("white", "black"), ("bright_white", "black"))
_BLUE_TO_RED: Final = (
    ("blue", "white"), ("cyan", "black"), ("bright_white", "black"), ("yellow", "black"), ("red", "white")
)  # fmt: skip
_SHADES: Final = " ░▒▓█"
_SIGNED: Final = "=- +#"  # differences: less, none, more


@cache
def heat_ground(level: int, tints: Tints, diverging: bool) -> Ground:
    """Of a level from 0 to `STEPS` - 1; `diverging`: of a difference."""
    if tints == "none":
        return None, None
    if tints == "ansi":
        steps = _BLUE_TO_RED if diverging else _GREYS
        ground, letters = steps[level * len(steps) // STEPS]
        return Color.parse(ground), Color.parse(letters)
    return with_letters(*heat_color(level / (STEPS - 1), diverging=diverging))


def with_letters(red: int, green: int, blue: int) -> Ground:
    """A colour with letters that stand out on it."""
    dark = 0.299 * red + 0.587 * green + 0.114 * blue <= 140
    return Color.from_rgb(red, green, blue), Color.parse("#ffffff" if dark else "#000000")


def level_style(level: float, tints: Tints = "true", *, diverging: bool = False) -> Style:
    """Ground and letters of a level from 0 to 1."""
    ground, letters = heat_ground(min(STEPS - 1, max(0, int(level * STEPS))), tints, diverging)
    return Style(color=letters, bgcolor=ground)


def shaded(sign: str, level: int | None, tints: Tints, diverging: bool) -> str:
    """What stands in a character: its sign, or shading where there are no colours and no sign."""
    if tints != "none" or level is None or sign != " ":
        return sign
    shades = _SIGNED if diverging else _SHADES
    return shades[level * len(shades) // STEPS]


def color_bar(width: int, tints: Tints, *, diverging: bool = False) -> list[Segment]:
    """The colours of a heat map from its lowest level to its highest, on `width` characters."""
    bar = []
    for place in range(width):
        level = place * (STEPS - 1) // max(1, width - 1)
        ground = heat_ground(level, tints, diverging)
        bar.append(Segment(shaded(" ", level, tints, diverging), Style(bgcolor=ground[0])))
    return bar
