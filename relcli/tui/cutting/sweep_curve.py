"""What cutting or patching each layer alone does, as a curve with its interval and its control."""

import math

from textual_plotext import PlotextPlot

from relcli.results.sweeps import Sweep
from relcli.tui.widgets.cells import Tones
from relcli.tui.widgets.layer_curve import BAND, DASHED, FLAT, POINT, LayerCurve, Sign, along, between, ticks

_STEPS = (0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000)


class SweepCurve(LayerCurve):
    """`show` draws a sweep; None empties it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sweep: Sweep | None = None

    def show(self, sweep: Sweep | None, tone: Tones) -> None:
        self._sweep, self.tone = sweep, tone
        self.redraw()

    def signs(self) -> list[Sign]:
        if (sweep := self._sweep) is None:
            return []
        control = "matched random sets" if sweep.kind == "cut" else "another scene's states"
        return [
            (POINT, sweep.measure, "accent", True),
            (BAND, "95% over scenes", "accent", self._has_interval(sweep)),
            (DASHED, control, "warn", any(step.control is not None for step in sweep.steps)),
            (FLAT, "nothing changes", "dim", True),
        ]

    def _has_interval(self, sweep: Sweep) -> bool:
        return all(step.low is not None and step.high is not None for step in sweep.steps)

    def draw_lines(self, columns: int, lines: int) -> bool:
        if (sweep := self._sweep) is None:
            return False
        plt, steps = self.query_one(PlotextPlot).plt, sweep.steps
        layers, values = [float(step.layer) for step in steps], [step.value for step in steps]
        across = between(layers, columns)
        low, high, step = self._ends(sweep, lines)
        if self._has_interval(sweep):
            lows = along(layers, [each.low or 0.0 for each in steps], across)
            highs = along(layers, [each.high or 0.0 for each in steps], across)
            self.band(across, lows, highs, (high - low) / lines)
        self.dots(across, [0.0] * len(across), FLAT, "dim")
        with_control = [(float(each.layer), each.control) for each in steps if each.control is not None]
        if with_control:
            at, controls = zip(*with_control, strict=True)
            here = between(at, columns)
            self.dots(here, along(at, controls, here), DASHED, "warn")
        self.dots(across, along(layers, values, across), "braille", "accent")
        self.dots(layers, values, POINT, "accent")
        named = ticks([each.layer for each in steps], columns // 5)
        plt.xticks([*map(float, named)], [*map(str, named)])
        plt.xlim(layers[0], max(layers[-1], layers[0] + 1))
        plt.ylim(low, high)
        heights = [step * n for n in range(round(low / step), round(high / step) + 1)]
        plt.yticks(heights, [f"{height:+.{1 if step < 1 else 0}f}" if height else "0" for height in heights])
        return True

    def _ends(self, sweep: Sweep, lines: int) -> tuple[float, float, float]:
        """The range of values drawn, in whole steps, and a step."""
        drawn = [0.0]
        for each in sweep.steps:
            drawn += [value for value in (each.value, each.low, each.high, each.control) if value is not None]
        least, most = min(drawn), max(drawn)
        span = max(most - least, 0.2)
        step = next((step for step in _STEPS if span / step <= max(2, lines // 2)), _STEPS[-1])
        low, high = math.floor(least / step) * step, math.ceil(most / step) * step
        return low, max(high, low + step), step
