"""Three pictures side by side: raw, masked, and the heat map over one of them."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from relcli.tui.cells import Tones, verdict
from relcli.tui.exhibit import Exhibit
from relcli.tui.text import Text
from relcli.tui.widgets.picture import PictureView
from relcli.tui.widgets.words import Words


@dataclass(frozen=True, slots=True)
class View:
    """How the attention is looked at. layer: None for the mean of all; step: one of those kept, or None;
    words: what vector or step that is; strength: how much the heat map covers; frames: around what is asked
    about."""

    variant: str
    layer: int | None
    vector: str
    step: int | None
    words: str
    strength: float
    frames: bool

    @property
    def layer_name(self) -> str:
        return "all layers" if self.layer is None else f"layer {self.layer}"


class Panels(Horizontal):
    """`show` draws an exhibit. Zoomed, the picture that is not looked at makes room."""

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
                yield Words(classes="caption", markup=False)
                yield PictureView()

    def clear(self) -> None:
        for view in self.query(PictureView):
            view.show(None)

    def show(self, exhibit: Exhibit, view: View, tone: Tones, *, roomy: bool) -> None:
        for name in ("raw", "masked"):
            self._picture(name, exhibit, view, tone)
        self._heat(exhibit, view, roomy)

    def _picture(self, name: str, exhibit: Exhibit, view: View, tone: Tones) -> None:
        panel = self.query_one(f"#panel-{name}")
        panel.set_class(name == view.variant, "-at")
        panel.set_class(name != view.variant, "-other")
        caption = Text(name, style="bold")
        if name in exhibit.answers and exhibit.answers[name].truth:
            caption.append(" ").append_text(verdict(exhibit.answers[name].correct, tone))
        if name == "masked" and exhibit.twin:
            caption.append(f" {exhibit.twin}", style="not bold dim")
        panel.query_one(".caption", Words).update(caption)
        png = exhibit.pictures.get(name)
        missing = "no masked twin" if name == "masked" and exhibit.pictures.get("raw") else "no picture kept"
        boxes = exhibit.frames.get(name, ()) if view.frames else ()
        panel.query_one(PictureView).show(png, boxes=boxes, note="" if png else missing)

    def _heat(self, exhibit: Exhibit, view: View, roomy: bool) -> None:
        panel, maps = self.query_one("#panel-heat"), exhibit.maps.get(view.variant)
        heat = maps.heat(view.layer, view.vector, view.step) if maps else None
        caption = Text("attention" if roomy or not heat else "at", style="bold")
        caption.append(
            f" {view.variant} · {view.layer_name} · {view.words}" if heat else "", style="not bold"
        )
        panel.query_one(".caption", Words).update(caption)
        png = exhibit.pictures.get(view.variant) or exhibit.pictures.get("blank")
        note = "this run kept no attention" if not exhibit.maps else f"no attention on {view.variant}"
        boxes = exhibit.frames.get(view.variant, ()) if view.frames else ()
        drawn = png if heat else None
        panel.query_one(PictureView).show(drawn, heat, view.strength, boxes, note="" if drawn else note)
