"""One number as a colour, without numpy: `relcli.drawing.heatmap` colours whole arrays."""

from relcli.drawing.palette import DIVERGING, RAMP


def heat_color(level: float, *, diverging: bool = False) -> tuple[int, int, int]:
    """The colour (red, green, blue; 0 to 255 each) of a level from 0 to 1; `diverging`: of a difference, 0.5
    for none."""
    ramp = DIVERGING if diverging else RAMP
    at = max(0.0, min(1.0, level)) * (len(ramp) - 1)
    below = min(int(at), len(ramp) - 2)
    part = at - below
    red, green, blue = (
        round(low * (1 - part) + high * part) for low, high in zip(ramp[below], ramp[below + 1], strict=True)
    )
    return red, green, blue


def heat_style(level: float, *, diverging: bool = False) -> str:
    """A Rich style with that colour as background, and letters that stand out on it."""
    red, green, blue = heat_color(level, diverging=diverging)
    ink = "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"
    return f"{ink} on #{red:02x}{green:02x}{blue:02x}"
