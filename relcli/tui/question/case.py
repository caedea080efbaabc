"""One case: what was said, the pictures, where the model looked, and how likely each option was."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Size

from relcli.results.attention_maps import AttentionMaps
from relcli.results.heat_pair import HeatPair, heat_pair
from relcli.results.question import QuestionView
from relcli.tui.cutting.panel import CutPanel
from relcli.tui.looking.token_line import TokenLine
from relcli.tui.question.case_pictures import CasePictures
from relcli.tui.question.ground import ground_table, looked_at, strip_measures
from relcli.tui.question.layer_strip import LayerStrip
from relcli.tui.question.logit_lens import LensLine
from relcli.tui.question.own_question import OwnQuestion
from relcli.tui.question.picture import PictureView
from relcli.tui.question.scale_line import ScaleLine
from relcli.tui.question.text import question_text, verdict_line
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.safe_static import SafeStatic

_MOST_WORDS = 14
_WORDS = 0.3  # of the height, at least, for question, options and figures
_TALL, _TALL_BESIDE = 46, 30  # lines from which the strip has all its measures; where figures stand beside it
_BESIDE = 104  # columns from which figures stand beside the options


class Case(Vertical):
    """`show` draws a question as a `ViewOptions` says, in whatever place it has; `-pictures` gives it
    to the pictures alone, `-cutting` to the panel that cuts and steers."""

    DEFAULT_CSS = """
    Case { width: 1fr; height: 1fr; }
    Case #verdicts { height: 1; padding: 0 1; }
    Case.-empty > * { visibility: hidden; }
    Case LayerStrip { padding: 0 1; }
    Case #lower { height: 1fr; border-top: solid $panel; }
    Case #words { width: 1fr; padding: 0 1; }
    Case #words > Static { height: auto; }
    Case #ground { padding-top: 1; }
    Case #ground-right { width: 56; height: 1fr; text-wrap: nowrap; padding: 0 1; border-left: solid $panel;
                         text-overflow: ellipsis; }
    Case.-pictures #lower, Case.-pictures LayerStrip, Case.-pictures LensLine { display: none; }
    Case.-cutting LayerStrip, Case.-cutting LensLine { display: none; }
    Case.-cutting.-small CasePictures, Case.-cutting.-small ScaleLine { display: none; }
    Case.-cutting.-small #lower { layout: vertical; }
    Case.-cutting.-small #words { width: 100%; height: 1fr; }
    Case.-cutting.-small CutPanel { width: 100%; height: 2fr; border: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="-empty")
        self._shown: tuple[QuestionView, ViewOptions] | None = None
        self._painted_for = Size()
        self._expected: Size | None = None
        self._beside = Size(), Size()  # of what it was a part the last time it was one, and how large

    def compose(self) -> ComposeResult:
        yield SafeStatic(id="verdicts")
        yield CasePictures(id="pictures")
        yield ScaleLine()
        yield LayerStrip()
        yield LensLine()
        yield TokenLine()
        with Horizontal(id="lower"):
            with VerticalScroll(id="words", can_focus=False):
                yield SafeStatic(id="question")
                yield SafeStatic(id="ground")
            yield SafeStatic(id="ground-right")
            yield CutPanel()
        yield OwnQuestion()

    def clear(self) -> None:
        self._shown = None
        self.add_class("-empty")
        self.query_one(CasePictures).clear()
        for name in ("#verdicts", "#question", "#ground", "#ground-right"):
            self.query_one(name, SafeStatic).update("")
        self.query_one(LayerStrip).show((), 0, None)
        self.query_one(LensLine).show(None, "", None)

    def show(self, question: QuestionView, view: ViewOptions) -> None:
        before = self._shown
        self._shown = question, view
        if before is None or (before[0].run, before[0].key) != (question.run, question.key):
            self.query_one("#words").scroll_home(animate=False)
        self.paint()

    def turn(self, outer: Size, *, alone: bool) -> None:
        """It is about to have all of `outer`, or as much again as it had of it beside the list. What is drawn
        until then is drawn for that size, and need not be twice."""
        if alone and self.display:
            self._beside = outer, self.size
        if not alone and self._beside[0] != outer:
            return
        self._expected = outer if alone else self._beside[1]
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        self._expected = None
        if self.size != self._painted_for:
            self.paint()

    def on_resize(self) -> None:
        if self.size != self._painted_for:
            self.call_after_refresh(self._settle)

    @property
    def _room(self) -> Size:
        return self._expected or self.size

    def paint(self) -> None:
        """Draw what is shown, for the size there is now, or is about to be."""
        if self._shown is None or not self.is_mounted or not self._room.width:
            return
        question, view = self._shown
        self._painted_for = self._room
        self.remove_class("-empty")
        tone = tones(self.app.theme_variables)
        width, height = self._room
        # A class set anew styles all that is in the case: 40 ms.
        self.set_class(self.has_class("-cutting") and (width < _BESIDE or height < 30), "-small")
        self.query_one(CutPanel).follow(question, view.variant)
        self.query_one("#verdicts", SafeStatic).update(verdict_line(question, view.variant, tone))
        pair = heat_pair(question, view.variant, view.layer, view.vector, view.step)
        self.query_one(LensLine).show(question, view.variant, view.layer)
        strip = self._strip(question, question.maps.get(view.variant), view)
        beside = self._arrange(question, pair, strip)
        pictures = self.query_one(CasePictures)
        pictures.show(question, pair, view, tone)
        tints = pictures.query(PictureView).first().tints
        scales = self.query_one(ScaleLine)
        scales.display = bool(pair.heats)
        scales.show(pair, view, tints)
        self._words(question, pair, view, beside)

    def _strip(self, question: QuestionView, maps: AttentionMaps | None, view: ViewOptions) -> int:
        """The layers of the picture looked at; how many lines that takes."""
        strip = self.query_one(LayerStrip)
        if maps is None:
            strip.show((), 0, None)
            return 0
        n_lines = 3 if self._room.height >= (_TALL if self._room.width < _BESIDE else _TALL_BESIDE) else 1
        measures = strip_measures(maps, question.coverage.get(view.variant), view, n_lines=n_lines)
        strip.show(measures, len(maps.layers), view.layer)
        return len(measures) + 1

    def _arrange(self, question: QuestionView, pair: HeatPair, strip: int) -> str:
        """Give the pictures what the words leave; where the figures stand then: beside the pictures, to the
        right of the options, or below them."""
        width, height = self._room
        rest = height - 1 - (1 if pair.heats else 0)
        if not self.has_class("-pictures"):
            rest -= strip + 1 + max(7, min(_MOST_WORDS, round(height * _WORDS)))
        found = self.query_one(CasePictures).lay_out(pair, bool(question.maps), width, rest)
        if found.rows == 2:
            return "ground-beside"
        return "ground-right" if width >= _BESIDE and not self.has_class("-cutting") else "ground"

    def _words(self, question: QuestionView, pair: HeatPair, view: ViewOptions, beside: str) -> None:
        tone = tones(self.app.theme_variables)
        width = self._room.width - 3
        right = self.query_one("#ground-right")
        right.display = beside == "ground-right"
        if right.display:
            width -= 57
        elif self.has_class("-cutting") and not self.has_class("-small"):
            width = self._room.width // 3 - 3  # the panel has the rest
        shown = question_text(question, tone, width, view.variant)
        self.query_one("#question", SafeStatic).update(shown)
        maps = looked_at(question, [name for name in (pair.first, pair.second) if name], view)
        room = {"ground-beside": self._room.width // 3 - 1, "ground-right": 53, "ground": width}
        for place, columns in room.items():
            table = ground_table(maps, tone, columns) if place == beside else ""
            self.query_one(f"#{place}", SafeStatic).update(table)
        self.query_one("#ground").display = beside == "ground"

    def on_cut_panel_toggled(self, event: CutPanel.Toggled) -> None:
        """Room for the panel, and back."""
        self.set_class(event.is_open, "-cutting")
        self.call_after_refresh(self.paint)

    def scroll_words(self, by: int) -> None:
        self.query_one("#words").scroll_relative(y=3 * by, animate=False)
