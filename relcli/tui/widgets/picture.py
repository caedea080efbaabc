"""A picture in the terminal, with a heat map over it if there is one.

Half blocks, two pixels a character, work everywhere; where textual-image is installed and the terminal can,
`relcli.tui.widgets.sharp` draws it in full.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from relcli.tui.widgets import sharp

if TYPE_CHECKING:
    from PIL import Image

Box = tuple[float, float, float, float]  # x_min, y_min, x_max, y_max in the picture's pixels


class Heat(NamedTuple):
    """Weights of a grid over the picture, row by row from the top left."""

    weights: Sequence[float]
    height: int
    width: int


class PictureView(Widget):
    """Draws as large as its place allows, proportions kept; without a picture it says why."""

    DEFAULT_CSS = """
    PictureView { width: 1fr; height: 1fr; align: center top; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture: Image.Image | None = None
        self._note = ""
        self._boxes: Sequence[Box] = ()
        self._asked: tuple[object, ...] = ()
        self._strips: tuple[tuple[int, int], list[Strip]] | None = None

    def compose(self) -> ComposeResult:
        if (child := sharp.make()) is not None:
            yield child

    def show(
        self,
        png: bytes | None,
        heat: Heat | None = None,
        strength: float = 0.6,
        boxes: Sequence[Box] = (),
        note: str = "",
    ) -> None:
        """Show PNG bytes under a heat map of `strength` (0 to 1; 1 hides the picture), with frames around
        `boxes`. `note` stands in the place of a picture that is missing or can't be read."""
        asked = (png, heat, strength, tuple(boxes), note)
        if asked == self._asked:
            return
        self._asked, self._strips = asked, None
        self._picture, self._note, self._boxes = None, note, boxes
        if png is not None:
            self._picture = _composed(png, heat, strength)
            if self._picture is None:
                self._note = "This picture can't be read."
        self._place_sharp()
        self.refresh()

    def on_resize(self, _: events.Resize) -> None:
        self._strips = None
        self._place_sharp()

    def _place_sharp(self) -> None:
        """The picture into the child that draws it in full, as large as the half blocks would be."""
        for child in self.query(".sharp"):
            picture = self._picture
            columns, rows = fitting(*picture.size, *self.size) if picture else (0, 0)
            child.styles.width, child.styles.height = columns, rows
            sharp.update(child, framed(picture, self._boxes))

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._strips is None or self._strips[0] != (width, height):
            self._strips = ((width, height), self._lines(width, height))
        lines = self._strips[1]
        return lines[y] if y < len(lines) else Strip.blank(width)

    def _lines(self, width: int, height: int) -> list[Strip]:
        ground = self.rich_style
        blank = [Strip.blank(width, ground)] * height
        if self._picture is None:
            note = Strip([Segment(self._note[:width].center(width), ground + Style(dim=True))], width)
            return [*blank[: height // 2], note, *blank[height // 2 + 1 :]]
        drawn = [] if self.children else self._draw(self._picture, width, height)
        return [*drawn, *blank[len(drawn) :]]

    def _draw(self, picture: "Image.Image", width: int, height: int) -> list[Strip]:
        columns, rows = fitting(picture.width, picture.height, width, height)
        if columns == 0:
            return []
        small = framed(picture.resize((columns, rows * 2), _box_filter()), self._boxes, picture.size)
        assert small is not None
        ground, left = self.rich_style, (width - columns) // 2
        before, after = Segment(" " * left, ground), Segment(" " * (width - left - columns), ground)
        return [Strip([before, *drawn, after], width) for drawn in half_blocks(small)]


def fitting(picture_width: int, picture_height: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of half blocks for a picture in a place of `width` x `height` characters."""
    if min(picture_width, picture_height, width, height) < 1:
        return 0, 0
    columns = min(width, height * 2 * picture_width // picture_height)
    return columns, max(1, round(columns * picture_height / picture_width / 2)) if columns else 0


def half_blocks(picture: "Image.Image") -> list[list[Segment]]:
    """A picture of an even height, two of its pixels a character: one list of segments a line."""
    pixels, stride = picture.tobytes(), picture.width * 3
    lines = []
    for start in range(0, picture.height * stride, 2 * stride):
        pairs = (
            (pixels[at : at + 3], pixels[at + stride : at + stride + 3])
            for at in range(start, start + stride, 3)
        )
        # Neighbours of one colour in one piece: scenes are mostly white.
        lines.append([Segment("▀" * len(list(same)), _style(*pair)) for pair, same in groupby(pairs)])
    return lines


_styles: dict[tuple[bytes, bytes], Style] = {}


def _style(above: bytes, below: bytes) -> Style:
    """Styles are costly to make, and a drawn scene has few colours."""
    found = _styles.get((above, below))
    if found is None:
        if len(_styles) > 20_000:
            _styles.clear()
        found = Style.parse(f"#{above.hex()} on #{below.hex()}")
        _styles[above, below] = found
    return found


def _box_filter():
    from PIL import Image

    return Image.Resampling.BOX


def _composed(png: bytes, heat: Heat | None, strength: float) -> "Image.Image | None":
    from relcli.scenes.decoding import UndecodableError, decode

    try:
        picture = decode(png)
    except UndecodableError:
        return None
    if heat is None or len(heat.weights) != heat.height * heat.width:
        return picture
    import numpy as np

    from relcli.cli.pictures import overlay

    return overlay(picture, np.asarray(heat.weights).reshape(heat.height, heat.width), strength)


def framed(
    picture: "Image.Image | None",
    boxes: Sequence[Box],
    of_size: tuple[int, int] | None = None,
    reach: int | None = None,
) -> "Image.Image | None":
    """The corners of frames, dark on light and light on dark ground, `reach` pixels long. Boxes are in pixels
    of a picture of `of_size`."""
    if picture is None or not boxes:
        return picture
    from PIL import ImageDraw

    picture = picture.copy()
    width, height = of_size or picture.size
    across, down = picture.width / width, picture.height / height
    if reach is None:
        reach = max(1, min(picture.width, picture.height) // 40)
    draw = ImageDraw.Draw(picture)
    for x_min, y_min, x_max, y_max in boxes:
        left, top = max(0, round(x_min * across) - 1), max(0, round(y_min * down) - 1)
        right = min(picture.width - 1, round(x_max * across))
        bottom = min(picture.height - 1, round(y_max * down))
        for x, to_x in ((left, 1), (right, -1)):
            for y, to_y in ((top, 1), (bottom, -1)):
                ground = picture.getpixel((x, y))
                assert isinstance(ground, tuple)
                ink = (40, 40, 40) if sum(ground[:3]) > 384 else (255, 255, 255)
                draw.line((x, y, x + to_x * reach, y), fill=ink)
                draw.line((x, y, x, y + to_y * reach), fill=ink)
    return picture
