"""Attention layer by layer as lines of blocks; a click, or the arrow keys of the screen, choose a layer."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.app import RenderResult
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from relcli.tui.widgets.cells import cut, spark, tones
from relcli.tui.widgets.safe_text import Text


class StripLine(NamedTuple):
    """One line: a value a layer, drawn between `low` and `high`; `shown` formats the chosen layer's value."""

    label: str
    values: Sequence[float]
    low: float | None
    high: float | None
    shown: str


class LayerStrip(Widget):
    """A line for each measure, and below them the layers with a mark under the chosen one (None: all)."""

    DEFAULT_CSS = "LayerStrip { height: auto; width: 1fr; padding: 0 1; }"
    LABEL = 12

    class Chosen(Message):
        def __init__(self, layer: int | None) -> None:
            super().__init__()
            self.layer = layer

    def __init__(self) -> None:
        super().__init__()
        self._measures: list[StripLine] = []
        self._n_layers = 0
        self._layer: int | None = None

    def show(self, measures: Sequence[StripLine], n_layers: int, layer: int | None) -> None:
        lines = self._lines
        self._measures, self._n_layers, self._layer = list(measures), n_layers, layer
        self.refresh(layout=lines != self._lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Known without drawing it, which would ask for its size while the screen is laid out: all of that
        would be done once more."""
        return self._lines

    @property
    def _lines(self) -> int:
        return len(self._measures) + 1 if self._n_layers else 1

    @property
    def _step(self) -> int:
        """Characters a layer takes."""
        room = self.size.width - self.LABEL - 10
        return max(1, min(4, room // max(1, self._n_layers)))

    def render(self) -> RenderResult:
        tone = tones(self.app.theme_variables)
        if not self._n_layers:
            return Text("")
        step, text = self._step, Text(no_wrap=True, overflow="crop")
        for measure in self._measures:
            text.append(cut(measure.label, self.LABEL - 1).ljust(self.LABEL), style="dim")
            for layer, block in enumerate(spark(list(measure.values), measure.low, measure.high)):
                chosen = self._layer is None or layer == self._layer
                text.append(block * step, style=f"bold {tone['accent']}" if chosen else tone["primary"])
            text.append(f"  {measure.shown}\n")
        name = "all layers" if self._layer is None else f"layer {self._layer}"
        text.append(name.ljust(self.LABEL), style=f"bold {tone['accent']}")
        for layer in range(self._n_layers):
            here = layer == self._layer
            mark = "▲" if here else "0" if layer == 0 else "·"
            if layer == self._n_layers - 1 and not here:
                mark = str(layer)[:step] if len(str(layer)) <= step else "·"
            text.append(mark.ljust(step), style=tone["accent"] if here else "dim")
        text.append(f"  of {self._n_layers}", style="dim")
        return text

    def on_click(self, event: events.Click) -> None:
        x = event.get_content_offset_capture(self).x - self.LABEL
        if x < 0:
            self.post_message(self.Chosen(None))
        elif x // self._step < self._n_layers:
            self.post_message(self.Chosen(x // self._step))
