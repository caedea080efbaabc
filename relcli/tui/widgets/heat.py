"""Numbers as colour: a grid of them with labels, readable from the digits too."""

from collections.abc import Callable, Sequence

from rich.text import Text
from textual.app import RenderResult
from textual.widget import Widget

from relcli.palette import RAMP


def heat_color(level: float) -> tuple[int, int, int]:
    """The colour of a level from 0 to 1."""
    at = max(0.0, min(1.0, level)) * (len(RAMP) - 1)
    below = min(int(at), len(RAMP) - 2)
    part = at - below
    red, green, blue = (
        round(low * (1 - part) + high * part) for low, high in zip(RAMP[below], RAMP[below + 1], strict=True)
    )
    return red, green, blue


def heat_style(level: float) -> str:
    """A Rich style with that ground and letters that stand out on it."""
    red, green, blue = heat_color(level)
    ink = "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"
    return f"{ink} on #{red:02x}{green:02x}{blue:02x}"


class HeatGrid(Widget):
    """Rows of values, a coloured cell each. None is left empty. All cells share one scale."""

    DEFAULT_CSS = "HeatGrid { width: auto; height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = Text()

    def show(
        self,
        values: Sequence[Sequence[float | None]],
        rows: Sequence[str],
        columns: Sequence[str],
        low: float | None = None,
        high: float | None = None,
        written: Callable[[float], str] = "{:.2f}".format,
        cell_width: int = 6,
    ) -> None:
        """`low` and `high` are the ends of the scale; by default the smallest and largest value."""
        known = [value for row in values for value in row if value is not None]
        least = min(known, default=0.0) if low is None else low
        span = (max(known, default=1.0) if high is None else high) - least
        label = max(map(len, rows), default=0)
        text = Text(" " * (label + 1), no_wrap=True)
        for name in columns:
            text.append(name[: cell_width - 1].rjust(cell_width), style="dim")
        for name, row in zip(rows, values, strict=True):
            text.append(f"\n{name:<{label}} ")
            for value in row:
                if value is None:
                    text.append("·".center(cell_width), style="dim")
                else:
                    level = (value - least) / span if span > 0 else 0.5
                    text.append(written(value).center(cell_width), style=heat_style(level))
        self._text = text
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        return self._text
