"""The picture with its image tokens as cells, to pick some with the arrow keys and space, or the mouse."""

from collections.abc import Collection
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from relcli.drawing.half_blocks import fitting, half_blocks
from relcli.tui.frame.keys import bind


class CellPicker(Widget, can_focus=True):
    """Cells that are cut are dark; those to which attention is drawn stay light, the others are darker. The
    one under the cursor has a colour. `Picked` is posted when a person changes them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "move(0, -1)"),
        bind("right", "move(0, 1)"),
        bind("line_up", "move(-1, 0)"),
        bind("line_down", "move(1, 0)"),
        bind("tick", "toggle", "Pick the cell"),
    ]
    DEFAULT_CSS = """
    CellPicker { width: 1fr; height: 1fr; min-height: 5; pointer: pointer; }
    """

    class Picked(Message):
        def __init__(self, cells: frozenset[int]) -> None:
            super().__init__()
            self.cells = cells

    def __init__(self) -> None:
        super().__init__()
        self._png: bytes | None = None
        self._height = self._width = 1
        self._cells: frozenset[int] = frozenset()
        self._at = (0, 0)
        self._lit = False
        self._drawn: tuple[object, list[Strip]] | None = None

    @property
    def cells(self) -> frozenset[int]:
        """Numbers of the cells that are picked, row by row."""
        return self._cells

    def show(
        self, png: bytes | None, height: int, width: int, cells: Collection[int], *, lit: bool = False
    ) -> None:
        """A picture as `height` x `width` cells, some of them picked. lit: they are drawn to, not cut."""
        self._png, self._height, self._width = png, max(1, height), max(1, width)
        self._cells, self._lit = frozenset(cells), lit
        self._at = min(self._at[0], self._height - 1), min(self._at[1], self._width - 1)
        self.refresh()

    def action_move(self, down: int, right: int) -> None:
        row, column = self._at
        self._at = (row + down) % self._height, (column + right) % self._width
        self.refresh()

    def action_toggle(self) -> None:
        self._cells ^= {self._at[0] * self._width + self._at[1]}
        self.refresh()
        self.post_message(self.Picked(self._cells))

    def on_click(self, event: events.Click) -> None:
        columns, rows, left = self._place()
        x, y = event.x - left, event.y
        if 0 <= x < columns and 0 <= y < rows:
            self._at = int(y * self._height / rows), int(x * self._width / columns)
            self.action_toggle()

    def on_focus(self, _: events.Focus) -> None:
        self.refresh()

    def on_blur(self, _: events.Blur) -> None:
        self.refresh()

    def _place(self) -> tuple[int, int, int]:
        """Columns and rows of the picture in characters, and the columns left of it."""
        columns, rows = fitting(self._width, self._height, *self.size)
        return columns, rows, (self.size.width - columns) // 2

    def render_line(self, y: int) -> Strip:
        state = (self.size, self._cells, self._lit, self._at, self.has_focus, self._png, self.rich_style)
        if self._drawn is None or self._drawn[0] != state:
            self._drawn = state, self._lines()
        lines = self._drawn[1]
        return lines[y] if y < len(lines) else Strip.blank(self.size.width, self.rich_style)

    def _lines(self) -> list[Strip]:
        columns, rows, left = self._place()
        ground, room = self.rich_style, self.size.width
        if self._png is None:
            return [Strip([Segment("no picture"[:room].ljust(room), ground + Style(dim=True))], room)]
        if not columns or not rows:
            return []
        before, after = Segment(" " * left, ground), Segment(" " * (room - left - columns), ground)
        return [Strip([before, *line, after], room) for line in self._draw(columns, rows)]

    def _draw(self, columns: int, rows: int) -> list[list[Segment]]:
        import io

        import numpy as np
        from PIL import Image

        with Image.open(io.BytesIO(self._png or b"")) as picture:
            small = picture.convert("RGB").resize((columns, 2 * rows), Image.Resampling.BOX)
        pixels = np.asarray(small, dtype=np.float32).copy()
        row_of = np.arange(2 * rows) * self._height // (2 * rows)
        column_of = np.arange(columns) * self._width // columns
        number = row_of[:, None] * self._width + column_of[None, :]
        picked = np.isin(number, list(self._cells))
        if not self._lit:
            pixels[picked] *= 0.15
        elif self._cells:
            pixels[~picked] *= 0.35
        if self.has_focus:
            here = number == self._at[0] * self._width + self._at[1]
            pixels[here] = 0.35 * pixels[here] + 0.65 * np.array([255.0, 170.0, 0.0])
        return half_blocks(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))
