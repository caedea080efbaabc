"""What each layer would answer, as a line of letters under the layers."""

import asyncio
from functools import partial

from textual.app import RenderResult
from textual.widget import Widget

from relcli.errors import RelcliError
from relcli.results.lens_strip import LensStrip, read_lens_strip
from relcli.results.question import QuestionKey, QuestionView
from relcli.tui.context import context_of
from relcli.tui.question.layer_strip import LayerStrip
from relcli.tui.question.reader import DRAWN_S
from relcli.tui.widgets.cells import Tones, tones
from relcli.tui.widgets.safe_text import Text

_Place = tuple[str, QuestionKey, str]


class LensLine(Widget):
    """`show` tells it what is looked at; it reads the layers' options itself, and hides where the run kept
    none."""

    DEFAULT_CSS = """
    LensLine { height: 1; width: 1fr; padding: 0 1; display: none; }
    LensLine.-known { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._place: _Place | None = None
        self._layer: int | None = None
        self._strip: LensStrip | None = None

    @property
    def strip(self) -> LensStrip | None:
        """What is shown; None while it is read, and where the run kept none."""
        return self._strip

    def show(self, question: QuestionView | None, variant: str, layer: int | None) -> None:
        """What is looked at now; the layer None is all of them."""
        self._layer = layer
        place = None
        if question is not None and question.run is not None:
            place = question.run, question.key, variant
        if place != self._place:
            self._place, self._strip = place, None
            self.workers.cancel_node(self)
            self.remove_class("-known")
            if place is not None:
                self.run_worker(partial(self._read, place), group="page", exclusive=True)
        self.refresh()

    async def _read(self, place: _Place) -> None:
        await asyncio.sleep(DRAWN_S)
        context = context_of(self)
        try:
            strip = await context.store.call(read_lens_strip, context.database, *place)
        except RelcliError:  # the screen says what is wrong with the file
            return
        if place == self._place:
            self._strip = strip
            self.set_class(strip is not None, "-known")
            self.refresh()

    def render(self) -> RenderResult:
        if self._strip is None:
            return Text("")
        return lens_text(self._strip, self._layer, self.size.width, tones(self.app.theme_variables))


def lens_text(strip: LensStrip, layer: int | None, width: int, tone: Tones) -> Text:
    """The likeliest option of each layer, below the layer in the strip above; right ones in the colour of
    what is good. Behind them the chosen layer's options, or from where on the right one is first."""
    step = max(1, min(4, (width - LayerStrip.LABEL - 10) // max(1, strip.n_layers)))
    text = Text("would say".ljust(LayerStrip.LABEL), style="dim", no_wrap=True, overflow="ellipsis")
    for number in range(strip.n_layers):
        first = strip.first(number)
        style = tone["good"] if first == strip.right else tone["bad"]
        # Right ones are capitals, to be told without colour; None has a sign for a letter.
        sign = "∅" if first == "none" else first.upper() if first == strip.right else first
        text.append(sign.ljust(step), style=f"{style} bold" if layer in (None, number) else style)
    if layer is not None and layer < strip.n_layers:
        shares = strip.shares(layer).items()
        told = "  ".join(f"{letter} {share:.0%}" for letter, share in shares if share >= 0.005)
    elif strip.right_from is None:
        told = "the right one is not first at the end" if strip.right else ""
    else:
        told = f"right from layer {strip.right_from} on" if strip.right_from else "right from the first on"
    text.append(f"  {told}", style="dim")
    return text
