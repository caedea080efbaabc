"""All layers of one question, with its words and what lies under the chosen layer's attention beside them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from relcli.analysis.grounding import entity_share, grounding
from relcli.drawing.heat_grid import HeatGrid
from relcli.results.question import QuestionView
from relcli.tui.frame.keys import shown
from relcli.tui.layers.sheet import LayerSheet, Sheet
from relcli.tui.question.ground import ground_table, looked_at
from relcli.tui.question.scale_line import percent
from relcli.tui.question.text import question_text
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.cells import Tones, cut, tones
from relcli.tui.widgets.grey import append_bar, tints_of, why
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text

if TYPE_CHECKING:
    from relcli.drawing.tints import Tints

_BAR, _BAR_SHORT = 12, 8

class QuestionSheet(Horizontal):
    """`show` draws a question."""

    DEFAULT_CSS = """
    QuestionSheet { height: 1fr; }
    QuestionSheet #sheet-side { width: 1fr; height: 1fr; }
    QuestionSheet #sheet-scale { height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
                                 link-style: none; link-color: $foreground; link-style-hover: underline;
                                 link-background-hover: $background; }
    QuestionSheet #side { width: 44; height: 1fr; padding: 0 1; }
    QuestionSheet #side > Static { height: auto; }
    QuestionSheet #ground { padding: 1 0 0 0; }
    """

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-side"):
            yield LayerSheet()
            yield SafeStatic(id="sheet-scale")
        with VerticalScroll(id="side", can_focus=False):
            yield SafeStatic(id="words")
            yield SafeStatic(id="ground")

    @property
    def sheet(self) -> LayerSheet:
        return self.query_one(LayerSheet)

    def clear(self) -> None:
        self.sheet.show(None, None)
        for name in ("#words", "#ground", "#sheet-scale"):
            self.query_one(name, SafeStatic).update("")

    def show(self, question: QuestionView, view: ViewOptions, *, each: bool) -> None:
        """Every layer of `view.variant`; the side speaks of `view.layer`, or of all. each: every layer has a
        scale of its own."""
        tone, wide = tones(self.app.theme_variables), "-wide" in self.screen.classes
        words, ground, scale = (
            self.query_one(name, SafeStatic) for name in ("#words", "#ground", "#sheet-scale")
        )
        maps, coverage = question.maps.get(view.variant), question.coverage.get(view.variant)
        if wide:
            answers = {name: each for name, each in question.answers.items() if name == view.variant}
            words.update(question_text(replace(question, answers=answers), tone, 41))
        else:
            width = self.size.width - 3
            text = Text(cut(question.sentence, width) + "\n", style="bold")
            words.update(text.append(cut(_in_a_line(question, view), width), style="not bold"))
        if maps is None:
            note = f"no attention on {view.variant}" if question.maps else "this run kept no attention"
            self.sheet.show(None, None, note)
            ground.update("")
            scale.update("")
            return
        layers = [maps.weights(layer, view.vector, view.step) for layer in range(len(maps.layers))]
        shares = [entity_share(coverage, weights) for weights in layers]
        drawn = [maps.drawn(layer, view.vector, view.step) for layer in range(len(layers))]
        low, high = _scale(drawn) if drawn and not each else (None, None)
        sheet = Sheet(
            png=question.pictures.get(view.variant),
            layers=[HeatGrid(weights, maps.height, maps.width, low, high) for weights in drawn],
            notes=["" if share is None else f"{share:.0%}" for share in shares],
            strength=view.strength,
            boxes=tuple(question.frames.get(view.variant, ())) if view.frames else (),
            scene=question.scenes.get(view.variant),
            named=tuple(question.asked) if view.frames else (),
        )
        self.sheet.show(sheet, view.layer)
        ends = None if low is None or high is None else (low, high)
        scale.update(sheet_scale(ends, tints_of(self.app), tone, lines=wide, notes=any(sheet.notes)))
        about = ground_table(looked_at(question, [view.variant], view), tone, 41)
        head = f"{view.variant} · {view.layer_name} · {view.words}\n"
        ground.update(Text.assemble((head, f"bold {tone['accent']}"), about))


def _in_a_line(question: QuestionView, view: ViewOptions) -> str:
    """What was said, and how much of the chosen layer's attention is on what is asked about."""
    parts, answered = [view.variant], question.answers.get(view.variant)
    if answered is not None:
        right = {True: ", right", False: ", wrong", None: ""}[answered.correct]
        parts.append(f"said {cut(answered.answer or 'nothing', 20)}{right}")
    parts.append(f"{view.layer_name}, {view.words}")
    if maps := question.maps.get(view.variant):
        weights = maps.weights(view.layer, view.vector, view.step)
        for each in grounding(question.coverage.get(view.variant), weights):
            if each.name == "asked about":
                times = "" if each.times is None else f", {each.times:.1f}x"
                parts.append(f"{each.share:.0%} on what is asked about{times}")
    return " · ".join(parts)


def _scale(maps: Sequence[Sequence[float]]) -> tuple[float, float]:
    from relcli.drawing.heatmap import scale_of

    return scale_of(maps)


def sheet_scale(
    ends: tuple[float, float] | None, tints: "Tints", tone: Tones, *, lines: bool, notes: bool = False
) -> Text:
    """The colours of the maps and what they stand for, in a line or, where there is room, `lines`. ends: of
    the scale of all layers, in shares of the answer's attention; None where each has its own. notes: say what
    stands behind the layers' numbers."""
    reason = why(tints)
    low, high = ("least", "most") if ends is None else map(percent, ends)
    whose = "" if ends is None or (reason and not lines) else " of attention a cell"
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{shown('scale')} ", style=f"bold {tone['accent']}")
    text.append("each layer on its own scale" if ends is None else "all layers on one scale")
    text.apply_meta({"@click": "screen.scale"}, 0, len(text))
    text.append(f"  {low} ", style="dim")
    append_bar(text, _BAR if lines else _BAR_SHORT, tints)
    text.append(f" {high}{whose}", style="dim")
    if reason:
        gap = "\n" if lines else "  "
        text.append(f"{gap}{reason}", style="dim")
    if notes and lines:
        text.append("\nbehind a layer's number: the share that is on what is asked about", style="dim")
    return text
