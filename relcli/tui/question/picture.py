"""A picture in the terminal, with a heat map over it if there is one.

A scene that is known is redrawn from what stands in it; other pictures are half blocks, two pixels a
character, which work everywhere. Where textual-image is installed and the terminal can,
`relcli.tui.question.graphics` draws it in full.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from relcli.drawing.boxes import Box, framed
from relcli.drawing.half_blocks import fitting, half_blocks
from relcli.drawing.heat_grid import HeatGrid
from relcli.tui.question import graphics
from relcli.tui.widgets.grey import tints_of

if TYPE_CHECKING:
    from PIL import Image

    from relcli.drawing.tints import Tints
    from relcli.scenes.scene import Scene

_KEPT_SIZES = 2  # beside the list, and with the whole screen


class PictureView(Widget):
    """Draws as large as its place allows, proportions kept; without a picture it says why."""

    DEFAULT_CSS = """
    PictureView { width: 1fr; height: 1fr; align: center top; }
    PictureView:light { background: $panel; }
    """

    def __init__(self, *, rim: bool = True, id: str | None = None, classes: str | None = None) -> None:
        """rim: leave an edge around the picture on light themes."""
        super().__init__(id=id, classes=classes)
        self._rim = rim
        self._strength = 1.0
        self._picture: Image.Image | None = None
        self._note = ""
        self._boxes: Sequence[Box] = ()
        self._scene: Scene | None = None
        self._heat: HeatGrid | None = None
        self._named: Sequence[int] = ()
        self._asked: tuple[object, ...] = ()
        self._strips: dict[tuple[object, ...], list[Strip]] = {}
        self._drawn: list[Strip] = []

    def compose(self) -> ComposeResult:
        if (child := graphics.make()) is not None:
            yield child

    def show(
        self,
        png: bytes | None,
        heat: HeatGrid | None = None,
        strength: float = 0.6,
        boxes: Sequence[Box] = (),
        note: str = "",
        scene: "Scene | None" = None,
        named: Sequence[int] = (),
    ) -> None:
        """Show PNG bytes under a heat map of `strength` (0 to 1; 1 hides the picture), with frames around
        `boxes`. `note` stands in the place of a picture that is missing or can't be read. Where `scene` says
        what the picture shows, and the terminal has no graphics, it is redrawn from that; the names of the
        objects `named` stand out."""
        asked = (png, heat, strength, tuple(boxes), note, scene, tuple(named))
        if asked == self._asked:
            return
        self._asked, self._strips = asked, {}
        self._picture, self._note, self._boxes = None, note, boxes
        self._scene, self._heat, self._named, self._strength = scene, heat, named, strength
        if png is not None:
            from relcli.drawing.pictures import shared, under_heat

            self._picture = shared(png) if self._is_sketched else under_heat(png, heat, strength)
            if self._picture is None:
                self._note = "This picture can't be read."
        self._place_graphics()
        self.refresh()

    @property
    def _is_sketched(self) -> bool:
        """It is redrawn from what stands in it."""
        return self._scene is not None and not self.children and _can_be_sketched(self._scene)

    def on_resize(self, _: events.Resize) -> None:
        self._place_graphics()

    def _place_graphics(self) -> None:
        """The picture into the child that draws it in full, as large as the half blocks would be."""
        for child in self.query(".graphics"):
            picture = self._picture
            columns, rows = fitting(*picture.size, *self.size) if picture else (0, 0)
            child.styles.width, child.styles.height = columns, rows
            graphics.update(child, framed(picture, self._boxes))

    def render_lines(self, crop: Region) -> list[Strip]:
        width, height = self.size
        drawn_for = (width, height, self.app.theme, self.rich_style)
        if drawn_for not in self._strips:
            if len(self._strips) == _KEPT_SIZES:
                del self._strips[next(iter(self._strips))]
            self._strips[drawn_for] = self._lines(width, height)
        self._drawn = self._strips[drawn_for]
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(self.size.width)

    def _lines(self, width: int, height: int) -> list[Strip]:
        ground = self.rich_style
        blank = [Strip.blank(width, ground)] * height
        if self._picture is None:
            note = Strip([Segment(self._note[:width].center(width), ground + Style(dim=True))], width)
            return [*blank[: height // 2], note, *blank[height // 2 + 1 :]]
        drawn = [] if self.children else self._draw(self._picture, width, height)
        return [*drawn, *blank[len(drawn) :]]

    def _draw(self, picture: "Image.Image", width: int, height: int) -> list[Strip]:
        rim = 0 if self.app.current_theme.dark or not self._rim else 2  # else a white picture has no edge
        columns, rows = fitting(picture.width, picture.height, width - rim, height)
        if columns == 0:
            return []
        ground, left = self.rich_style, (width - columns) // 2
        before, after = [Segment(" " * left, ground)], [Segment(" " * (width - left - columns), ground)]
        lines = self._as_text(picture, columns, rows)
        return [Strip([*before, *drawn, *after], width) for drawn in lines]

    def _as_text(self, picture: "Image.Image", columns: int, rows: int) -> list[list[Segment]]:
        if self._heat is not None and self._hides_picture(columns, rows):
            from relcli.drawing.heat_blocks import heat_blocks

            return heat_blocks(self._heat, columns, rows, self.tints)
        if self._is_sketched and self._scene is not None:
            from relcli.drawing.sketch import sketch

            return sketch(self._scene, columns, rows, heat=self._heat, tints=self.tints, named=self._named)
        small = framed(picture.resize((columns, rows * 2), _box_filter()), self._boxes, picture.size)
        assert small is not None
        return half_blocks(small)

    def _hides_picture(self, columns: int, rows: int) -> bool:
        """The heat map stands alone: somebody wants it so, or the place is too small for anything over it."""
        return self._is_sketched and self._strength >= 1

    @property
    def tints(self) -> "Tints":
        return tints_of(self.app)


def _can_be_sketched(scene: "Scene") -> bool:
    from relcli.drawing.sketch import can_be_sketched

    return can_be_sketched(scene)


def _box_filter():
    from PIL import Image

    return Image.Resampling.BOX
