"""What curves over layers share: lines, dots and bands drawn in characters, and what their signs mean below.

Every line has a sign of its own, so that it reads without colour.
"""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.color import Color
from textual.containers import Vertical
from textual_plotext import PlotextPlot

from relcli.tui.widgets.cells import Tones
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text

BAND, FLAT, DASHED, POINT = "░", "─", "┄", "●"
_FINE = 4  # points a character, so that lines have no gaps
_AXIS = 6  # characters the axis of values takes

Sign = tuple[str, str, str, bool]
"""A sign, what it means, its tone, and whether it is drawn."""


class LayerCurve(Vertical):
    """Derived curves say by `signs` and `draw_lines` what is drawn, and call `redraw` when that changes."""

    DEFAULT_CSS = """
    LayerCurve { height: 1fr; }
    LayerCurve PlotextPlot { height: 1fr; }
    LayerCurve Static { height: auto; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tone: Tones = {}

    def compose(self) -> ComposeResult:
        yield PlotextPlot()
        yield SafeStatic(id="signs")

    def signs(self) -> Sequence[Sign]:
        """All signs, in order."""
        raise NotImplementedError

    def draw_lines(self, columns: int, lines: int) -> bool:
        """Draw into the room of so many characters; False where there is nothing to draw."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw anew, once the layout is settled."""
        self.query_one("#signs", SafeStatic).update(self._signs_text())
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        self.redraw()

    def _signs_text(self) -> Text:
        text, used = Text(), 0
        for sign, words, tone, drawn in self.signs():
            if not drawn:
                continue
            length = len(words) + 5
            if used and used + length - 3 > self.size.width - 2:
                text.append("\n")
                used = 0
            text.append(f"{sign} ", style=self.tone.get(tone, "")).append(f"{words}   ")
            used += length
        return text

    def _draw(self) -> None:
        plot = self.query_one(PlotextPlot)
        plot.plt.clear_figure()
        columns, lines = max(8, plot.size.width - _AXIS), max(4, plot.size.height - 3)
        drawn = self.draw_lines(columns, lines)
        plot.plt.xaxes(drawn, False)  # no frame around nothing
        plot.plt.yaxes(drawn, False)
        plot.refresh()

    def band(
        self, across: Sequence[float], lows: Sequence[float], highs: Sequence[float], line: float
    ) -> None:
        """Fill between two lines; line: the height of one character."""
        filled: tuple[list[float], list[float]] = ([], [])
        for x, low, high in zip(across, lows, highs, strict=True):
            n = max(1, round((high - low) / line * 2))
            filled[0].extend([x] * (n + 1))
            filled[1].extend(low + (high - low) * step / n for step in range(n + 1))
        self.dots(*filled, BAND, "accent", faint=True)

    def dots(
        self, x: Sequence[float], y: Sequence[float], sign: str, tone: str, *, faint: bool = False
    ) -> None:
        """Points with a sign."""
        plt = self.query_one(PlotextPlot).plt
        plt.scatter(list(x), list(y), marker=sign, color=self._color(tone, faint))

    def _color(self, tone: str, faint: bool) -> tuple[int, int, int]:
        """plotext takes colours as numbers; `dim` and faint ones are mixed with the ground."""
        variables = self.app.theme_variables
        ground = Color.parse(variables["background"])
        ink = Color.parse(self.tone.get(tone) or variables["foreground"]) if tone != "dim" else None
        mixed = ground.blend(
            ink or Color.parse(variables["foreground"]), 0.4 if faint else 0.6 if ink is None else 1
        )
        return mixed.rgb


def between(layers: Sequence[float], columns: int) -> list[float]:
    """Places along the axis, close enough that lines have no gaps."""
    first, last = layers[0], layers[-1]
    n = max(1, columns * _FINE) if last > first else 1
    return [first + (last - first) * step / n for step in range(n + 1)]


def along(layers: Sequence[float], values: Sequence[float], across: Sequence[float]) -> list[float]:
    """Values at those places, on straight lines from layer to layer."""
    import numpy as np

    return np.interp(across, layers, values).tolist()


def ticks(layers: Sequence[int], most: int) -> list[int]:
    """Layers to be named under the axis, `most` at most, in even steps."""
    if not layers:
        return []
    step = next(
        step for step in (1, 2, 3, 4, 5, 6, 10, 20, 50, 100, 10_000) if len(layers) / step <= max(2, most)
    )
    return [layer for layer in layers if (layer - layers[0]) % step == 0]
