"""One layer of a sheet: a line of words over its heat map, which is drawn as the pictures of a case are."""

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from relcli.tui.question.picture import PictureView
from relcli.tui.widgets.safe_text import Text

_PICTURE_FROM = 16  # columns; on smaller tiles objects cannot be told, and would hide the heat


class TileMap(PictureView):
    """A small tile, or one with less lines than its map has cells, shows the map alone."""

    def _hides_picture(self, columns: int, rows: int) -> bool:
        short = self._heat is not None and rows < self._heat.height
        too_small = columns < _PICTURE_FROM or (self._is_sketched and short)
        return too_small or super()._hides_picture(columns, rows)


@dataclass(frozen=True, slots=True)
class Words:
    """Over a tile: the layer's number, a few letters about it, and whether it is the marked one."""

    number: int
    note: str
    here: bool


class Caption(Widget):
    DEFAULT_CSS = "Caption { height: 1; width: 100%; text-wrap: nowrap; }"
    words: reactive[Words] = reactive(Words(0, "", False))

    def render(self) -> RenderResult:
        number, note, here = self.words.number, self.words.note, self.words.here
        width = self.size.width
        name = f"{'▸' if here else ' '}{'layer ' if width >= 14 else ''}{number}"
        shown = f"{name}{note:>{max(0, width - len(name))}}"[:width].ljust(width)
        return Text(shown, style="bold reverse" if here else "dim", no_wrap=True)


class LayerTile(Vertical):
    DEFAULT_CSS = """
    LayerTile { width: 1fr; height: 1fr; }
    LayerTile PictureView:light { background: $background; }
    """

    class Clicked(Message):
        def __init__(self, tile: "LayerTile") -> None:
            super().__init__()
            self.tile = tile

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Clicked(self))

    def compose(self) -> ComposeResult:
        yield Caption()
        yield TileMap(rim=False)

    def say(self, words: Words) -> None:
        self.query_one(Caption).words = words

    @property
    def map(self) -> TileMap:
        return self.query_one(TileMap)
