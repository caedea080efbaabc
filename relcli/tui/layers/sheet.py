"""All layers of one question as a sheet: a small heat map over the picture for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from relcli.drawing.boxes import Box, framed
from relcli.drawing.half_blocks import fitting, half_blocks

if TYPE_CHECKING:
    from PIL import Image

_GAP = 1
_LEAST = 8
_CORNERS_FROM = 32  # columns; on smaller pictures the corners of frames are points
_FRAMES_FROM = 16
_PICTURE_FROM = 16  # on smaller tiles objects cannot be told, and their colours would spoil those of the heat


@dataclass(frozen=True, slots=True)
class Sheet:
    """png: the picture; layers: a map each, row by row over height x width cells; notes: a few letters behind
    each layer's number; strength: of the heat over the picture, 0 to 1; boxes: frames, in its pixels."""

    png: bytes | None
    layers: Sequence[Sequence[float]]
    height: int
    width: int
    notes: Sequence[str]
    strength: float
    boxes: Sequence[Box] = ()


@dataclass(frozen=True, slots=True)
class Tiling:
    """columns of tiles, each `width` x `height` characters with its line of words."""

    columns: int
    width: int
    height: int

    def place(self, number: int) -> tuple[int, int]:
        """Left and top of a tile, in characters."""
        row, column = divmod(number, self.columns)
        return column * (self.width + _GAP), row * self.height


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
    columns = max(1, (width + _GAP) // (_LEAST + _GAP))
    return Tiling(min(columns, max(1, n)), _LEAST, fitting(*picture, _LEAST, 10_000)[1] + 1)


class LayerSheet(ScrollView, can_focus=False):
    """`show` draws a sheet; a click posts `Chosen`. Arrow keys are the screen's affair: `beside` says which
    layer lies in which direction."""

    DEFAULT_CSS = """
    LayerSheet { width: 1fr; height: 1fr; }
    """

    class Chosen(Message):
        def __init__(self, layer: int) -> None:
            super().__init__()
            self.layer = layer

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sheet: Sheet | None = None
        self._layer: int | None = None
        self._picture: Image.Image | None = None
        self._note = ""
        self._tiling = Tiling(1, _LEAST, _LEAST // 2)
        self._tiles: list[list[list[Segment]]] = []

    def show(self, sheet: Sheet | None, layer: int | None, note: str = "") -> None:
        """`layer` is the marked one (None: none); `note` stands in the place of a sheet that isn't there."""
        if sheet != self._sheet:
            if sheet is None or self._sheet is None or sheet.png != self._sheet.png:
                from relcli.drawing.pictures import opened

                self._picture = opened(sheet.png) if sheet else None
            self._sheet = sheet
            self._lay()
        self._layer, self._note = layer, note
        self._scroll_to_layer()
        self.refresh()

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
        self._scroll_to_layer()

    def on_click(self, event: events.Click) -> None:
        if self._sheet is None:
            return
        column = event.x // (self._tiling.width + _GAP)
        row = (event.y + round(self.scroll_y)) // self._tiling.height
        layer = row * self._tiling.columns + column
        if column < self._tiling.columns and layer < len(self._sheet.layers):
            self.post_message(self.Chosen(layer))

    def _lay(self) -> None:
        """Choose the size of the tiles and draw them."""
        self._tiles = []
        width, height = self.container_size
        if self._sheet is None or not width or not height:
            self.virtual_size = Size(width, 0)
            return
        size = self._picture.size if self._picture else (self._sheet.width, self._sheet.height)
        n = len(self._sheet.layers)
        self._tiling = tiling(n, size, width, height, self._sheet.width)
        self.virtual_size = Size(width - 1, -(-n // self._tiling.columns) * self._tiling.height)
        self._tiles = _tiles(self._sheet, self._picture, self._tiling)

    def _scroll_to_layer(self) -> None:
        if self._layer is not None and self._tiles:
            left, top = self._tiling.place(self._layer)
            self.scroll_to_region(Region(left, top, self._tiling.width, self._tiling.height), animate=False)

    def render_line(self, y: int) -> Strip:
        width, ground = self.size.width, self.rich_style
        if self._sheet is None or not self._tiles:
            middle = y == self.size.height // 2
            return Strip([Segment((self._note if middle else "")[:width].center(width), ground)], width)
        row, line = divmod(y + round(self.scroll_y), self._tiling.height)
        first = row * self._tiling.columns
        segments: list[Segment] = []
        for number in range(first, min(first + self._tiling.columns, len(self._tiles))):
            segments += [self._caption(number)] if line == 0 else self._tiles[number][line - 1]
            segments.append(Segment(" " * _GAP, ground))
        return Strip(segments).adjust_cell_length(width, ground)

    def _caption(self, number: int) -> Segment:
        assert self._sheet is not None
        here, wide = number == self._layer, self._tiling.width >= 14
        name = f"{'▸' if here else ' '}{'layer ' if wide else ''}{number}"
        text = f"{name}{self._sheet.notes[number]:>{max(0, self._tiling.width - len(name))}}"
        style = Style(reverse=True, bold=True) if here else Style(dim=True)
        return Segment(text[: self._tiling.width].ljust(self._tiling.width), self.rich_style + style)


def _tiles(sheet: Sheet, picture: "Image.Image | None", tiles: Tiling) -> list[list[list[Segment]]]:
    """The lines of each tile. A picture that is missing, or too small, leaves the heat maps alone."""
    import numpy as np
    from PIL import Image

    from relcli.drawing.heatmap import overlay

    size = tiles.width, (tiles.height - 1) * 2
    seen = picture if tiles.width >= _PICTURE_FROM else None
    small = seen.resize(size, Image.Resampling.BOX) if seen else None
    reach = 1 if tiles.width >= _CORNERS_FROM else 0
    boxes = sheet.boxes if tiles.width >= _FRAMES_FROM else ()
    drawn = []
    for weights in sheet.layers:
        grid = np.asarray(weights, dtype=np.float32).reshape(sheet.height, sheet.width)
        heat = overlay(small or Image.new("RGB", size), grid, sheet.strength if small else 1.0)
        finished = framed(heat, boxes, picture.size if picture else None, reach)
        assert finished is not None
        drawn.append(half_blocks(finished))
    return drawn
