"""The scales of the heat maps on one line: the layer, and the colours of attention and difference."""

from typing import TYPE_CHECKING

from textual.app import RenderResult
from textual.widget import Widget

from relcli.results.heat_pair import HeatPair
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.grey import append_bar, is_grey, why
from relcli.tui.widgets.safe_text import Text

if TYPE_CHECKING:
    from relcli.drawing.tints import Tints

_MOST = 16


class ScaleLine(Widget):
    """`show` draws the scales of a `HeatPair`."""

    DEFAULT_CSS = "ScaleLine { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; }"

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[HeatPair, ViewOptions, Tints] | None = None

    def show(self, pair: HeatPair | None, view: ViewOptions, tints: "Tints") -> None:
        self._shown = None if pair is None or not pair.heats else (pair, view, tints)
        self.refresh()

    def render(self) -> RenderResult:
        if self._shown is None:
            return Text("")
        pair, view, tints = self._shown
        width = self.content_size.width
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f"{view.layer_name} · {view.words}", style="bold")
        texts = [f"  {percent(pair.low)} ", f" {percent(pair.high)} of attention a cell"]
        if pair.difference is not None:
            texts += [f"  \u2212{percent(pair.reach)} ", f" +{percent(pair.reach)}"]
        reason = f"  {found}" if (found := why(tints)) else ""
        bars = len(texts) // 2
        spare = width - len(text) - sum(map(len, texts)) - len(reason)
        if spare < 8 * bars:
            texts[1] = f" {percent(pair.high)}"
            spare = width - len(text) - sum(map(len, texts)) - len(reason)
        if spare < 4 * bars:
            reason, spare = "", spare + len(reason)
        wide = max(3, min(_MOST, spare // bars))
        for number in range(bars):
            text.append(texts[2 * number], style="dim")
            append_bar(text, wide, tints, diverging=number == 1 and not is_grey())
            text.append(texts[2 * number + 1], style="dim")
        return text.append(reason, style="dim")


def percent(share: float) -> str:
    """A share in three digits."""
    value = share * 100
    digits = 0 if value >= 99.5 else 1 if value >= 9.95 else 2
    return f"{value:.{digits}f}%"
