"""The pictures of a case: two of them, the attention on each on one scale, and what changes between them."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Grid, Vertical

from relcli.drawing.heat_grid import HeatGrid
from relcli.results.heat_pair import HeatPair
from relcli.results.question import QuestionView
from relcli.tui.question.picture import PictureView
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.cells import Tones, verdict
from relcli.tui.widgets.grey import is_grey
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text

_PLACES = ("picture-first", "picture-second", "heat-first", "heat-second", "heat-difference")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """rows: 1 or 2; columns: of the grid; height: of all of it, in lines."""

    rows: int
    columns: int
    height: int


def arranged(n: int, in_two_rows: bool, width: int, height: int) -> Arrangement:
    """How `n` square pictures with a caption each are drawn largest in `width` x `height` characters: in one
    row, or in two of three. A character is twice as high as wide."""
    tall = max(3, height)
    in_one = min(tall - 1, width // max(1, n) // 2)
    one = Arrangement(1, max(1, n), min(tall, in_one + 1))
    if not in_two_rows:
        return one
    in_both = min(tall // 2 - 1, width // 3 // 2)
    return Arrangement(2, 3, min(tall, 2 * (in_both + 1))) if in_both > in_one else one


class CasePictures(Grid):
    """`show` draws a question. In two rows the place beside the two pictures is left to `#ground-beside`."""

    DEFAULT_CSS = """
    CasePictures { grid-gutter: 0 1; grid-rows: 1fr; }
    CasePictures .panel { height: 1fr; }
    CasePictures .caption { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap;
                            text-overflow: ellipsis; }
    CasePictures #ground-beside { height: 1fr; padding: 0 0 0 1; text-wrap: nowrap;
                                  text-overflow: ellipsis; }
    """

    def compose(self) -> ComposeResult:
        for place in _PLACES:
            with Vertical(id=place, classes="panel"):
                yield SafeStatic(classes="caption", markup=False)
                yield PictureView()
            if place == "picture-second":
                yield SafeStatic(id="ground-beside")

    def clear(self) -> None:
        for view in self.query(PictureView):
            view.show(None)
        for caption in self.query(".caption").results(SafeStatic):
            caption.update("")
        self.query_one("#ground-beside", SafeStatic).update("")

    def lay_out(self, pair: HeatPair, has_maps: bool, width: int, height: int) -> Arrangement:
        """Lay the panels out that there is something for; the others make room."""
        shown = {
            "picture-first": True,
            "picture-second": pair.second is not None,
            "heat-first": True,
            "heat-second": has_maps and pair.second is not None,
            "heat-difference": pair.difference is not None,
        }
        for place, there in shown.items():
            self.query_one(f"#{place}").display = there
        both = shown["heat-second"] and shown["heat-difference"]
        found = arranged(sum(shown.values()), both, width, height)
        self.query_one("#ground-beside").display = found.rows == 2
        self.styles.grid_size_columns, self.styles.grid_size_rows = found.columns, found.rows
        self.styles.height = found.height
        return found

    def show(self, question: QuestionView, pair: HeatPair, view: ViewOptions, tone: Tones) -> None:
        for place, name in (("first", pair.first), ("second", pair.second)):
            if name is not None:
                self._picture(f"picture-{place}", name, question, view, tone)
                self._heat(f"heat-{place}", name, question, pair.heats.get(name), view, tone)
        if pair.difference is not None and pair.second is not None:
            caption = Text(f"{pair.second} \u2212 {pair.first}", style="bold")
            change = pair.difference._replace(diverging=not is_grey())
            self._draw("heat-difference", caption, pair.first, question, change, view, "")

    def _picture(
        self, place: str, name: str, question: QuestionView, view: ViewOptions, tone: Tones
    ) -> None:
        caption = _caption(name, name == view.variant, tone)
        if name in question.answers and question.answers[name].truth:
            caption.append(" ").append_text(verdict(question.answers[name].correct, tone))
        if name == "masked" and question.twin:
            caption.append(f" {question.twin}", style="not bold dim")
        self._draw(place, caption, name, question, None, view, "no picture kept")

    def _heat(
        self,
        place: str,
        name: str,
        question: QuestionView,
        heat: HeatGrid | None,
        view: ViewOptions,
        tone: Tones,
    ) -> None:
        maps = question.maps.get(name)
        caption = _caption(f"{name} attention" if heat else "attention", name == view.variant, tone)
        if maps is not None and maps.whose:
            caption.append(f" of {maps.whose}", style="not bold")
        missing = f"no attention on {name}" if question.maps else "this run kept no attention"
        self._draw(place, caption, name, question, heat, view, missing)

    def _draw(
        self,
        place: str,
        caption: Text,
        name: str,
        question: QuestionView,
        heat: HeatGrid | None,
        view: ViewOptions,
        missing: str,
    ) -> None:
        """Draw a picture, or a heat map over it; `missing` is said where that isn't there."""
        panel = self.query_one(f"#{place}")
        panel.query_one(".caption", SafeStatic).update(caption)
        png = question.pictures.get(name) or (question.pictures.get("blank") if heat else None)
        if place.startswith("heat") and heat is None:
            png = None
        panel.query_one(PictureView).show(
            png,
            heat,
            view.strength,
            question.frames.get(name, ()) if view.frames else (),
            note="" if png else missing,
            scene=question.scenes.get(name),
            named=question.asked if view.frames else (),
        )


def _caption(words: str, at: bool, tone: Tones) -> Text:
    """at: of the picture looked at. A style of the words, not of the panel, which would be styled anew with
    all that is in it."""
    return Text(words, style=f"bold {tone['accent']}" if at else "bold")
