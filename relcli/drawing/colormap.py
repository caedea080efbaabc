"""One number as a colour, without numpy: `relcli.drawing.heatmap` colours whole arrays."""

from relcli.drawing.palette import RAMP


def heat_color(level: float) -> tuple[int, int, int]:
    """The colour (red, green, blue; 0 to 255 each) of a level from 0 to 1."""
    at = max(0.0, min(1.0, level)) * (len(RAMP) - 1)
    below = min(int(at), len(RAMP) - 2)
    part = at - below
    red, green, blue = (
        round(low * (1 - part) + high * part) for low, high in zip(RAMP[below], RAMP[below + 1], strict=True)
    )
    return red, green, blue


def heat_style(level: float) -> str:
    """A Rich style with that colour as background, and letters that stand out on it."""
    red, green, blue = heat_color(level)
    ink = "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"
    return f"{ink} on #{red:02x}{green:02x}{blue:02x}"
