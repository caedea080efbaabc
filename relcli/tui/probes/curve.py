"""Accuracy of a probe by layer as a curve, with its error band and its controls.

Every line has a sign of its own, so that it reads without colour; below the curve stands what they mean.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from textual_plotext import PlotextPlot

from relcli.tui.widgets.cells import Tones
from relcli.tui.widgets.layer_curve import (
    BAND,
    DASHED,
    FLAT,
    POINT,
    LayerCurve,
    Sign,
    along,
    between,
    ticks,
)

Row = Mapping[str, Any]
_SHUFFLED, _ALL, _PUBLISHED = "×", "◆", "◇"


class ProbeCurve(LayerCurve):
    """`show` draws the rows of the read `probe_curve`."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._published: Row | None = None

    def show(self, rows: Sequence[Row], published: Row | None, tone: Tones) -> None:
        """`published`: the row of `probe_published` to lay beside, if any."""
        self._rows, self._published, self.tone = rows, published, tone
        self.redraw()

    @property
    def _alone(self) -> list[Row]:
        return [row for row in self._rows if row["layer"] is not None and row["accuracy"] is not None]

    @property
    def _together(self) -> Row | None:
        return next((row for row in self._rows if row["layer"] is None and row["accuracy"] is not None), None)

    def signs(self) -> Sequence[Sign]:
        first = next(iter(self._rows), None)
        if first is None:
            return ()
        alone, together = self._alone, self._together
        return (
            (POINT, "each layer", "accent", bool(alone)),
            (BAND, "± standard error", "accent", any(row["se"] is not None for row in alone)),
            (_ALL, "all layers", "accent", together is not None),
            (FLAT, "commonest class", "dim", first["majority"] is not None),
            (DASHED, "prompt alone", "warn", first["prompt_only"] is not None),
            (_SHUFFLED, "shuffled labels", "bad", first["shuffled"] is not None),
            (_PUBLISHED, "published, all layers", "good", self._published is not None),
        )

    def draw_lines(self, columns: int, lines: int) -> bool:
        plt = self.query_one(PlotextPlot).plt
        alone, together = self._alone, self._together
        if not alone and together is None:
            return False
        first = min((row["layer"] for row in alone), default=-1)
        last = max((row["layer"] for row in alone), default=-1)
        beside = last + max(1.0, (last - first) * 0.06)
        low, high = self._ends()
        if alone:
            self._draw_layers(alone, columns, (high - low) / lines)
        self._draw_beside(together, beside)
        named = ticks([row["layer"] for row in alone], columns // 5)
        right = together is not None or self._published is not None
        plt.xticks([*named, *([beside] if right else [])], [*map(str, named), *(["all"] if right else [])])
        plt.xlim(first, beside + 1 if not alone else beside if right else max(last, first + 1))
        plt.ylim(low, high)
        heights = _heights(low, high, lines // 2)
        plt.yticks(heights, [f"{height * 100:.0f}%" for height in heights])
        return True

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
        across = between(layers, columns)
        if all(row["se"] is not None for row in rows):
            lows = along(layers, [row["accuracy"] - row["se"] for row in rows], across)
            highs = along(layers, [row["accuracy"] + row["se"] for row in rows], across)
            self.band(across, lows, highs, line)
        for name, sign, tone in (("majority", FLAT, "dim"), ("prompt_only", DASHED, "warn")):
            if all(row[name] is not None for row in rows):
                self.dots(across, along(layers, [row[name] for row in rows], across), sign, tone)
        if all(row["shuffled"] is not None for row in rows):
            self.dots(layers, [row["shuffled"] for row in rows], _SHUFFLED, "bad")
        accuracies = [row["accuracy"] for row in rows]
        self.dots(across, along(layers, accuracies, across), "braille", "accent")
        self.dots(layers, accuracies, POINT, "accent")

    def _draw_beside(self, row: Row | None, x: float) -> None:
        """All layers side by side, and what was published, at the right edge."""
        if row is not None:
            if row["se"] is not None:
                ends = (row["accuracy"] - row["se"], row["accuracy"] + row["se"])
                steps = [ends[0] + (ends[1] - ends[0]) * step / 40 for step in range(41)]
                self.dots([x] * len(steps), steps, BAND, "accent", faint=True)
            self.dots([x], [row["accuracy"]], _ALL, "accent")
        if self._published is not None:
            self.dots([x], [self._published["accuracy_published"]], _PUBLISHED, "good")


def _heights(low: float, high: float, most: int) -> list[float]:
    """Accuracies to be named beside the axis, `most` at most, in even steps."""
    step = next(step for step in (0.1, 0.2, 0.25, 0.5, 1.0) if (high - low) / step <= max(2, most))
    first, last = math.ceil(round(low / step, 6)), math.floor(round(high / step, 6))
    return [step * n for n in range(first, last + 1)]
