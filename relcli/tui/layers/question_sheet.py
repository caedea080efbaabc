"""All layers of one question, with its words and what lies under the chosen layer's attention beside them."""

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll

from relcli.analysis.grounding import entity_share, grounding
from relcli.results.question import QuestionView
from relcli.tui.layers.sheet import LayerSheet, Sheet
from relcli.tui.question.ground import ground_table, looked_at
from relcli.tui.question.text import question_text
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.cells import cut, tones
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text


class QuestionSheet(Horizontal):
    """`show` draws a question."""

    DEFAULT_CSS = """
    QuestionSheet { height: 1fr; }
    QuestionSheet #side { width: 44; height: 1fr; padding: 0 1; }
    QuestionSheet #side > Static { height: auto; }
    QuestionSheet #ground { padding: 1 0 0 0; }
    """

    def compose(self) -> ComposeResult:
        yield LayerSheet()
        with VerticalScroll(id="side", can_focus=False):
            yield SafeStatic(id="words")
            yield SafeStatic(id="ground")

    @property
    def sheet(self) -> LayerSheet:
        return self.query_one(LayerSheet)

    def clear(self) -> None:
        self.sheet.show(None, None)
        for name in ("#words", "#ground"):
            self.query_one(name, SafeStatic).update("")

    def show(self, question: QuestionView, view: ViewOptions) -> None:
        """Every layer of `view.variant`; the side speaks of `view.layer`, or of all."""
        tone, wide = tones(self.app.theme_variables), "-wide" in self.screen.classes
        words, ground = self.query_one("#words", SafeStatic), self.query_one("#ground", SafeStatic)
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
            return
        layers = [maps.weights(layer, view.vector, view.step) for layer in range(len(maps.layers))]
        shares = [entity_share(coverage, weights) for weights in layers]
        sheet = Sheet(
            png=question.pictures.get(view.variant),
            layers=[maps.drawn(layer, view.vector, view.step) for layer in range(len(layers))],
            height=maps.height,
            width=maps.width,
            notes=["" if share is None else f"{share:.0%}" for share in shares],
            strength=view.strength,
            boxes=tuple(question.frames.get(view.variant, ())) if view.frames else (),
        )
        self.sheet.show(sheet, view.layer)
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
