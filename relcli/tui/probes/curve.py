"""Accuracy of a probe by layer as a curve, with its error band and its controls.

Every line has a sign of its own, so that it reads without colour; below the curve stands what they mean.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.color import Color
from textual.containers import Vertical
from textual_plotext import PlotextPlot

from relcli.tui.widgets.cells import Tones
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text

Row = Mapping[str, Any]
_BAND, _MAJORITY, _PROMPT, _SHUFFLED, _POINT, _ALL, _PUBLISHED = "░", "─", "┄", "×", "●", "◆", "◇"
_FINE = 4  # points a character, so that lines have no gaps
_AXIS = 6  # characters the axis of accuracies takes


class ProbeCurve(Vertical):
    """`show` draws the rows of the read `probe_curve`."""

    DEFAULT_CSS = """
    ProbeCurve { height: 1fr; }
    ProbeCurve PlotextPlot { height: 1fr; }
    ProbeCurve Static { height: auto; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._published: Row | None = None
        self._tone: Tones = {}

    def compose(self) -> ComposeResult:
        yield PlotextPlot()
        yield SafeStatic(id="signs")

    def show(self, rows: Sequence[Row], published: Row | None, tone: Tones) -> None:
        """`published`: the row of `probe_published` to lay beside, if any."""
        self._rows, self._published, self._tone = rows, published, tone
        self.on_resize()

    def on_resize(self) -> None:
        self.query_one("#signs", SafeStatic).update(self._signs())
        self.call_after_refresh(self._draw)

    @property
    def _alone(self) -> list[Row]:
        return [row for row in self._rows if row["layer"] is not None and row["accuracy"] is not None]

    @property
    def _together(self) -> Row | None:
        return next((row for row in self._rows if row["layer"] is None and row["accuracy"] is not None), None)

    def _signs(self) -> Text:
        """What the signs mean, as far as they are drawn."""
        first = next(iter(self._rows), None)
        if first is None:
            return Text("")
        alone, together = self._alone, self._together
        known = [
            (_POINT, "each layer", "accent", bool(alone)),
            (_BAND, "± standard error", "accent", any(row["se"] is not None for row in alone)),
            (_ALL, "all layers", "accent", together is not None),
            (_MAJORITY, "commonest class", "dim", first["majority"] is not None),
            (_PROMPT, "prompt alone", "warn", first["prompt_only"] is not None),
            (_SHUFFLED, "shuffled labels", "bad", first["shuffled"] is not None),
            (_PUBLISHED, "published, all layers", "good", self._published is not None),
        ]
        text, used = Text(), 0
        for sign, words, tone, drawn in known:
            if not drawn:
                continue
            length = len(words) + 5
            if used and used + length - 3 > self.size.width - 2:
                text.append("\n")
                used = 0
            text.append(f"{sign} ", style=self._tone.get(tone, "")).append(f"{words}   ")
            used += length
        return text

    def _draw(self) -> None:
        plot = self.query_one(PlotextPlot)
        plt = plot.plt
        plt.clear_figure()
        alone, together = self._alone, self._together
        if not alone and together is None:
            plot.refresh()
            return
        first = min((row["layer"] for row in alone), default=-1)
        last = max((row["layer"] for row in alone), default=-1)
        beside = last + max(1.0, (last - first) * 0.06)
        low, high = self._ends()
        columns = max(8, plot.size.width - _AXIS)
        lines = max(4, plot.size.height - 3)
        if alone:
            self._draw_layers(alone, columns, (high - low) / lines)
        self._draw_beside(together, beside, high - low)
        ticks = _ticks([row["layer"] for row in alone], columns // 5)
        right = together is not None or self._published is not None
        plt.xticks([*ticks, *([beside] if right else [])], [*map(str, ticks), *(["all"] if right else [])])
        plt.xlim(first, beside + 1 if not alone else beside if right else max(last, first + 1))
        plt.ylim(low, high)
        heights = _heights(low, high, lines // 2)
        plt.yticks(heights, [f"{height * 100:.0f}%" for height in heights])
        plt.xaxes(True, False)
        plt.yaxes(True, False)
        plot.refresh()

    def _ends(self) -> tuple[float, float]:
        """The range of accuracies drawn: whole tenths around all there is."""
        values = [1.0 / max(1, row["n_classes"]) for row in self._rows]
        for row in self._rows:
            if row["accuracy"] is not None:
                se = row["se"] or 0.0
                values += [row["accuracy"] - se, row["accuracy"] + se]
            values += [row[name] for name in ("majority", "shuffled", "prompt_only") if row[name] is not None]
        if self._published is not None:
            values.append(self._published["accuracy_published"])
        low, high = math.floor(min(values) * 10) / 10, math.ceil(max(values) * 10) / 10
        low = min(max(0.0, low), 0.8)
        return low, max(min(1.0, high), low + 0.2)

    def _draw_layers(self, rows: Sequence[Row], columns: int, line: float) -> None:
        layers = [float(row["layer"]) for row in rows]
        across = _between(layers, columns)
        band: tuple[list[float], list[float]] = ([], [])
        if all(row["se"] is not None for row in rows):
            lows = _along(layers, [row["accuracy"] - row["se"] for row in rows], across)
            highs = _along(layers, [row["accuracy"] + row["se"] for row in rows], across)
            for x, low, high in zip(across, lows, highs, strict=True):
                n = max(1, round((high - low) / line * 2))
                band[0].extend([x] * (n + 1))
                band[1].extend(low + (high - low) * step / n for step in range(n + 1))
            self._dots(*band, _BAND, "accent", faint=True)
        for name, sign, tone in (("majority", _MAJORITY, "dim"), ("prompt_only", _PROMPT, "warn")):
            if all(row[name] is not None for row in rows):
                self._dots(across, _along(layers, [row[name] for row in rows], across), sign, tone)
        if all(row["shuffled"] is not None for row in rows):
            self._dots(layers, [row["shuffled"] for row in rows], _SHUFFLED, "bad")
        accuracies = [row["accuracy"] for row in rows]
        self._dots(across, _along(layers, accuracies, across), "braille", "accent")
        self._dots(layers, accuracies, _POINT, "accent")

    def _draw_beside(self, row: Row | None, x: float, span: float) -> None:
        """All layers side by side, and what was published, at the right edge."""
        if row is not None:
            if row["se"] is not None:
                ends = (row["accuracy"] - row["se"], row["accuracy"] + row["se"])
                steps = [ends[0] + (ends[1] - ends[0]) * step / 40 for step in range(41)]
                self._dots([x] * len(steps), steps, _BAND, "accent", faint=True)
            self._dots([x], [row["accuracy"]], _ALL, "accent")
        if self._published is not None:
            self._dots([x], [self._published["accuracy_published"]], _PUBLISHED, "good")

    def _dots(
        self, x: Sequence[float], y: Sequence[float], sign: str, tone: str, *, faint: bool = False
    ) -> None:
        self.query_one(PlotextPlot).plt.scatter(list(x), list(y), marker=sign, color=self._color(tone, faint))

    def _color(self, tone: str, faint: bool) -> tuple[int, int, int]:
        """plotext takes colours as numbers; `dim` and faint ones are mixed with the ground."""
        variables = self.app.theme_variables
        ground = Color.parse(variables["background"])
        ink = Color.parse(self._tone.get(tone) or variables["foreground"]) if tone != "dim" else None
        mixed = ground.blend(
            ink or Color.parse(variables["foreground"]), 0.4 if faint else 0.6 if ink is None else 1
        )
        return mixed.rgb


def _between(layers: Sequence[float], columns: int) -> list[float]:
    """Places along the axis, close enough that lines have no gaps."""
    first, last = layers[0], layers[-1]
    n = max(1, columns * _FINE) if last > first else 1
    return [first + (last - first) * step / n for step in range(n + 1)]


def _along(layers: Sequence[float], values: Sequence[float], across: Sequence[float]) -> list[float]:
    """Values at those places, on straight lines from layer to layer."""
    import numpy as np

    return np.interp(across, layers, values).tolist()


def _heights(low: float, high: float, most: int) -> list[float]:
    """Accuracies to be named beside the axis, `most` at most, in even steps."""
    step = next(step for step in (0.1, 0.2, 0.25, 0.5, 1.0) if (high - low) / step <= max(2, most))
    first, last = math.ceil(round(low / step, 6)), math.floor(round(high / step, 6))
    return [step * n for n in range(first, last + 1)]


def _ticks(layers: Sequence[int], most: int) -> list[int]:
    """Layers to be named under the axis, `most` at most, in even steps."""
    if not layers:
        return []
    step = next(
        step for step in (1, 2, 3, 4, 5, 6, 10, 20, 50, 100, 10_000) if len(layers) / step <= max(2, most)
    )
    return [layer for layer in layers if (layer - layers[0]) % step == 0]
