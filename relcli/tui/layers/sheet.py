"""All layers of one question as a sheet: a small heat map over the picture for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message

from relcli.drawing.boxes import Box
from relcli.drawing.half_blocks import fitting
from relcli.drawing.heat_grid import HeatGrid
from relcli.tui.layers.tile import LayerTile, Words
from relcli.tui.widgets.safe_static import SafeStatic

if TYPE_CHECKING:
    from relcli.scenes.scene import Scene

_GAP = 1
_LEAST = 8
_BAR = 1  # column, of the scroll bar


@dataclass(frozen=True, slots=True)
class Sheet:
    """png: the picture; layers: a map each; notes: a few letters behind each layer's number; strength: of the
    heat over the picture, 0 to 1; boxes: frames, in its pixels; scene: what it shows, where that is known;
    named: the objects asked about."""

    png: bytes | None
    layers: Sequence[HeatGrid]
    notes: Sequence[str]
    strength: float
    boxes: Sequence[Box] = ()
    scene: "Scene | None" = None
    named: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Tiling:
    """columns of tiles, each `width` x `height` characters with its line of words."""

    columns: int
    width: int
    height: int


def tiling(n: int, picture: tuple[int, int], width: int, height: int, cells: int = 1) -> Tiling:
    """The largest tiles of which `n` fit into `width` x `height` characters; smallest ones, to be scrolled,
    if none do. cells: of the heat map in a row, which get one width each where there is room for all."""
    for tile in range(min(width, 2 * height), _LEAST, -1):
        if tile >= cells and tile % cells:
            continue
        columns = (width + _GAP) // (tile + _GAP)
        tall = fitting(*picture, tile, 10_000)[1] + 1
        if columns and -(-n // columns) * tall <= height:
            return Tiling(min(columns, n), tile, tall)
    columns = max(1, (width - _BAR + _GAP) // (_LEAST + _GAP))
    return Tiling(min(columns, max(1, n)), _LEAST, fitting(*picture, _LEAST, 10_000)[1] + 1)


class LayerSheet(VerticalScroll, can_focus=False):
    """`show` draws a sheet; a click posts `Chosen`. Arrow keys are the screen's affair: `beside` says which
    layer lies next to another."""

    DEFAULT_CSS = """
    LayerSheet { width: 1fr; height: 1fr; layout: grid; grid-gutter: 0 1; }
    LayerSheet #note { display: none; width: 100%; height: 100%; content-align: center middle;
                       color: $text-muted; }
    """

    class Chosen(Message):
        def __init__(self, layer: int) -> None:
            super().__init__()
            self.layer = layer

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sheet: Sheet | None = None
        self._layer: int | None = None
        self._size_of_picture = (1, 1)
        self._tiling = Tiling(1, _LEAST, _LEAST // 2)
        self._tiles: list[LayerTile] = []

    def compose(self) -> ComposeResult:
        yield SafeStatic(id="note")

    @property
    def note(self) -> SafeStatic:
        """What stands in the place of a sheet that isn't there."""
        return self.query_one("#note", SafeStatic)

    def show(self, sheet: Sheet | None, layer: int | None, note: str = "") -> None:
        """`layer` is the marked one (None: none); `note` stands in the place of a sheet that isn't there."""
        changed, self._sheet, self._layer = sheet != self._sheet, sheet, layer
        self.note.update(note)
        self.note.display = sheet is None
        if changed:
            self._offer_tiles()
            self._lay()
            self._draw()
        self._say()
        if layer is not None and layer < len(self._tiles):
            self.call_after_refresh(self.scroll_to_widget, self._tiles[layer], animate=False)

    def _offer_tiles(self) -> None:
        n = len(self._sheet.layers) if self._sheet else 0
        while len(self._tiles) > n:
            self._tiles.pop().remove()
        more = [LayerTile() for _ in range(n - len(self._tiles))]
        if more:
            self._tiles += more
            self.mount(*more)
            self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        """Once new tiles are there."""
        self._draw()
        self._say()

    def _draw(self) -> None:
        if (sheet := self._sheet) is None:
            return
        for tile, heat in zip(self._tiles, sheet.layers, strict=True):
            if tile.is_mounted and tile.children:
                tile.map.show(sheet.png, heat, sheet.strength, sheet.boxes, "", sheet.scene, sheet.named)

    def _say(self) -> None:
        if (sheet := self._sheet) is None:
            return
        for number, (tile, note) in enumerate(zip(self._tiles, sheet.notes, strict=True)):
            if tile.is_mounted and tile.children:
                tile.say(Words(number, note, number == self._layer))

    def beside(self, layer: int | None, right: int, down: int) -> int | None:
        """The layer so many tiles to the right and down; the first if there was none."""
        n = len(self._sheet.layers) if self._sheet else 0
        if not n:
            return None
        if layer is None:
            return 0
        to = layer + right + down * self._tiling.columns
        return to if 0 <= to < n else layer

    def on_resize(self, _: events.Resize) -> None:
        self._lay()

    def on_layer_tile_clicked(self, event: LayerTile.Clicked) -> None:
        event.stop()
        if event.tile in self._tiles:
            self.post_message(self.Chosen(self._tiles.index(event.tile)))

    def _lay(self) -> None:
        """Choose the size of the tiles."""
        width, height = self.container_size
        if (sheet := self._sheet) is None:
            self._arrange(Tiling(1, 0, 0))
        elif sheet.layers and width and height:
            first = sheet.layers[0]
            size = (1, 1) if sheet.scene else _size_of(sheet.png) or (first.width, first.height)
            self._arrange(tiling(len(sheet.layers), size, width, height, first.width))

    def _arrange(self, found: Tiling) -> None:
        """A note has all the room, tiles theirs."""
        if found == self._tiling:
            return
        self._tiling = found
        self.styles.grid_size_columns = found.columns
        self.styles.grid_columns = (found.width or "1fr",)
        self.styles.grid_rows = (found.height or "1fr",)


def _size_of(png: bytes | None) -> tuple[int, int] | None:
    from relcli.drawing.pictures import shared

    picture = shared(png) if png else None
    return picture.size if picture else None
