"""Three pictures side by side: raw, masked, and the heat map over one of them."""


from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from relcli.results.question import QuestionView
from relcli.tui.question.picture import PictureView
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.cells import Tones, verdict
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text


class Panels(Horizontal):
    """`show` draws a question. Zoomed, the picture that is not looked at makes room."""

    DEFAULT_CSS = """
    Panels .panel { width: 1fr; height: 1fr; }
    Panels .caption { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap;
                      text-overflow: ellipsis; }
    Panels .panel.-at .caption { color: $accent; }
    Panels.-zoomed .panel.-other { display: none; }
    """

    def compose(self) -> ComposeResult:
        for name in ("raw", "masked", "heat"):
            with Vertical(id=f"panel-{name}", classes="panel"):
                yield SafeStatic(classes="caption", markup=False)
                yield PictureView()

    def clear(self) -> None:
        for view in self.query(PictureView):
            view.show(None)

    def show(self, question: QuestionView, view: ViewOptions, tone: Tones, *, roomy: bool) -> None:
        for name in ("raw", "masked"):
            self._picture(name, question, view, tone)
        self._heat(question, view, roomy)

    def _picture(self, name: str, question: QuestionView, view: ViewOptions, tone: Tones) -> None:
        panel = self.query_one(f"#panel-{name}")
        panel.set_class(name == view.variant, "-at")
        panel.set_class(name != view.variant, "-other")
        caption = Text(name, style="bold")
        if name in question.answers and question.answers[name].truth:
            caption.append(" ").append_text(verdict(question.answers[name].correct, tone))
        if name == "masked" and question.twin:
            caption.append(f" {question.twin}", style="not bold dim")
        panel.query_one(".caption", SafeStatic).update(caption)
        png = question.pictures.get(name)
        missing = "no masked twin" if name == "masked" and question.pictures.get("raw") else "no picture kept"
        boxes = question.frames.get(name, ()) if view.frames else ()
        panel.query_one(PictureView).show(
            png,
            boxes=boxes,
            note="" if png else missing,
            scene=question.scenes.get(name),
            named=question.asked if view.frames else (),
        )

    def _heat(self, question: QuestionView, view: ViewOptions, roomy: bool) -> None:
        panel, maps = self.query_one("#panel-heat"), question.maps.get(view.variant)
        heat = maps.heat(view.layer, view.vector, view.step) if maps else None
        caption = Text("attention" if roomy or not heat else "at", style="bold")
        caption.append(
            f" {view.variant} · {view.layer_name} · {view.words}" if heat else "", style="not bold"
        )
        picture = panel.query_one(PictureView)
        if heat and picture.tints != "true":
            caption.append(" · grey: few colours here", style="dim not bold")
        panel.query_one(".caption", SafeStatic).update(caption)
        png = question.pictures.get(view.variant) or question.pictures.get("blank")
        note = "this run kept no attention" if not question.maps else f"no attention on {view.variant}"
        boxes = question.frames.get(view.variant, ()) if view.frames else ()
        drawn = png if heat else None
        picture.show(
            drawn,
            heat,
            view.strength,
            boxes,
            note="" if drawn else note,
            scene=question.scenes.get(view.variant),
            named=question.asked if view.frames else (),
        )
