"""A scene redrawn for the terminal from what stands in it: outlines, arrows with heads, and short names.

A picture of 224 pixels scaled down to forty columns keeps its colours and loses its arrow heads. Here a
character holds 2 x 4 dots (braille), outlines and arrows are one dot wide at any size, an arrow runs from
outline to outline so that its head is seen, and each object carries its name: `or sq` is an orange square.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from relcli.drawing.heat_grid import HeatGrid
from relcli.drawing.heatmap import levels, spread
from relcli.drawing.tints import STEPS, Ground, Tints, heat_ground, shaded, with_letters
from relcli.scenes.scene import Entity, Scene
from relcli.scenes.vocabulary import COLORS, IMAGE_SIZE

Point = tuple[float, float]
_SHAPES: Final = {"circle": "ci", "square": "sq", "rectangle": "rc", "triangle": "tr"}
_ANSI: Final = {
    "red": "red", "green": "green", "blue": "blue", "yellow": "yellow", "magenta": "magenta",
    "cyan": "cyan", "purple": "magenta", "orange": "yellow",
}  # fmt: skip
_ARROW: Final = -1
_NOBODY: Final = -2
_BRAILLE: Final = 0x2800
_PAPER: Final = (255, 255, 255)
_DOTS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a braille character
_TINT: Final = 0.35  # how much of an object's colour its ground has
_HEAD_DOTS: Final = 5.0


def short_name(entity: Entity) -> str:
    """`or sq` for an orange square; a rectangle is `rc`."""
    return f"{entity.color[:2]} {_SHAPES[entity.shape]}"


def can_be_sketched(scene: Scene) -> bool:
    """Whether its objects are shapes drawn here; of people's own pictures nothing but boxes is known."""
    return all(entity.shape in _SHAPES and entity.color in COLORS for entity in scene.entities)


def sketch(
    scene: Scene,
    columns: int,
    rows: int,
    *,
    heat: HeatGrid | None = None,
    tints: Tints = "true",
    named: Sequence[int] = (),
) -> list[list[Segment]]:
    """Draw a scene on `columns` x `rows` characters: one list of segments a line.

    heat: weights over the picture, as the ground (on the scale it names, else stretched as heat maps are), in
    any grid; a difference in colours with a middle. named: the entities asked about, whose names stand
    reversed.
    """
    if columns < 1 or rows < 1:
        return []
    ink = _Ink(columns, rows)
    for entity in scene.entities:
        ink.outline(entity)
    for relation in scene.arrows:
        ink.arrow(scene.entity(relation.subject_id), scene.entity(relation.object_id))
    colors = {entity.id: entity.color for entity in scene.entities}
    steps = None if heat is None else _levels(heat, columns, rows)
    diverging = heat is not None and heat.diverging
    inside = ink.inside(scene.entities)
    signs, owners = ink.signs()
    letters = _labels(scene.entities, columns, rows)
    lines = []
    for y in range(rows):
        cells = []
        for x in range(columns):
            level = None if steps is None else int(steps[y, x])
            owner = int(inside[y, x])
            ground = _ground(level, colors.get(owner), tints, diverging)
            if (y, x) in letters:
                letter, entity_id = letters[y, x]
                cells.append((letter, _letter_style(ground, entity_id in named)))
            else:
                bits, color = int(signs[y, x]), colors.get(int(owners[y, x]))
                sign = chr(_BRAILLE + bits) if bits else " "
                drawn = shaded(sign, level, tints, diverging)
                cells.append((drawn, _ink_style(ground, color, level, tints)))
        grouped = groupby(cells, key=lambda cell: cell[1])
        lines.append([Segment("".join(letter for letter, _ in same), style) for style, same in grouped])
    return lines


class _Ink:
    """Dots of outlines and arrows, and whose they are."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.across, self.down = 2 * columns / IMAGE_SIZE, 4 * rows / IMAGE_SIZE
        self._owners: dict[int, NDArray[np.bool_]] = {}

    def _place(self, point: Sequence[float]) -> Point:
        return point[0] * self.across, point[1] * self.down

    def _drawn(self, draw: Callable[[ImageDraw.ImageDraw], None]) -> NDArray[np.bool_]:
        picture = Image.new("1", (2 * self.columns, 4 * self.rows))
        draw(ImageDraw.Draw(picture))
        return np.asarray(picture)

    def _shape(self, entity: Entity, *, fill: bool) -> NDArray[np.bool_]:
        corners = [self._place(corner) for corner in entity.corners]

        def draw(on: ImageDraw.ImageDraw) -> None:
            how = {"fill": 1 if fill else 0, "outline": 1}
            if entity.shape == "circle":
                on.ellipse(corners, **how)
            elif entity.shape == "triangle":
                on.polygon(corners, **how)
            else:
                on.rectangle(corners, **how)

        return self._drawn(draw)

    def outline(self, entity: Entity) -> None:
        self._owners[entity.id] = self._shape(entity, fill=False)

    def arrow(self, source: Entity, target: Entity) -> None:
        """From outline to outline, and a little over both where the two lie too close for a head."""
        start, end = self._place(source.center), self._place(target.center)
        start, end = self._trimmed(start, end, source, target)
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        half = math.radians(32)
        head = [
            end,
            *(
                (end[0] - _HEAD_DOTS * math.cos(side), end[1] - _HEAD_DOTS * math.sin(side))
                for side in (angle - half, angle + half)
            ),
        ]

        def draw(on: ImageDraw.ImageDraw) -> None:
            on.line((start, end), fill=1)
            on.polygon(head, fill=1, outline=1)

        drawn = self._drawn(draw)
        self._owners[_ARROW] = self._owners.get(_ARROW, np.zeros_like(drawn)) | drawn

    def _trimmed(self, start: Point, end: Point, source: Entity, target: Entity) -> tuple[Point, Point]:
        steps = max(2, int(2 * math.dist(start, end)))
        along = [
            (start[0] + (end[0] - start[0]) * i / steps, start[1] + (end[1] - start[1]) * i / steps)
            for i in range(steps + 1)
        ]
        hidden = self._shape(source, fill=True) | self._shape(target, fill=True)
        height, width = hidden.shape
        free = [
            i for i, (x, y) in enumerate(along) if not hidden[min(int(y), height - 1), min(int(x), width - 1)]
        ]
        first, last = (free[0], free[-1]) if free else (steps // 2, steps // 2)
        # A line must be longer than its head; there are two steps a dot.
        short = max(0, int(2 * (_HEAD_DOTS + 2)) - (last - first))
        return along[max(0, first - short // 2)], along[min(steps, last + short - short // 2)]

    def inside(self, entities: Sequence[Entity]) -> NDArray[np.int64]:
        """Whose shape covers most of each character, or _NOBODY."""
        found = np.full((self.rows, self.columns), _NOBODY)
        for entity in entities:
            filled = self._shape(entity, fill=True).reshape(self.rows, 4, self.columns, 2)
            found[filled.sum(axis=(1, 3)) >= 5] = entity.id
        return found

    def signs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The dots of every character as braille counts them, [rows, columns], and whose most of them are: an
        arrow's wherever it has one."""
        shape = (self.rows, 4, self.columns, 2)
        if not self._owners:
            return np.zeros((self.rows, self.columns), int), np.full((self.rows, self.columns), _NOBODY)
        drawn = {who: dots.reshape(shape) for who, dots in self._owners.items()}
        together = np.any(list(drawn.values()), axis=0)
        bits = (together * _DOTS[None, :, None, :]).sum(axis=(1, 3))
        counts = np.array([dots.sum(axis=(1, 3)) for dots in drawn.values()])
        owners = np.array(list(drawn))[counts.argmax(axis=0)]
        if _ARROW in drawn:
            owners[drawn[_ARROW].any(axis=(1, 3))] = _ARROW
        return bits, owners


def _labels(entities: Sequence[Entity], columns: int, rows: int) -> dict[tuple[int, int], tuple[str, int]]:
    """Letters by (row, column): a name on one line, on two, or its first letters, as the shape has room."""
    found: dict[tuple[int, int], tuple[str, int]] = {}
    for entity in entities:
        box = entity.bbox
        width = (box.x_max - box.x_min) * columns / IMAGE_SIZE
        height = (box.y_max - box.y_min) * rows / IMAGE_SIZE
        name = short_name(entity)
        if width >= len(name) + 1:
            lines = [name]
        elif height >= 2 and width >= 2:
            lines = name.split()
        else:
            lines = ["".join(word[0] for word in name.split())]
        middle = (box.y_min + box.y_max) / 2 + (entity.radius / 6 if entity.shape == "triangle" else 0)
        top = round(middle * rows / IMAGE_SIZE - len(lines) / 2)
        for at, line in enumerate(lines):
            left = round(entity.center[0] * columns / IMAGE_SIZE - len(line) / 2)
            for offset, letter in enumerate(line):
                place = min(max(top + at, 0), rows - 1), min(max(left + offset, 0), columns - 1)
                if letter != " ":
                    found[place] = letter, entity.id
    return found


def _levels(heat: HeatGrid, columns: int, rows: int) -> NDArray[np.int64]:
    """Levels for each character, 0 to STEPS - 1."""
    return np.clip((spread(levels(heat), columns, rows) * STEPS).astype(int), 0, STEPS - 1)


@cache
def _ground(level: int | None, color: str | None, tints: Tints, diverging: bool) -> Ground:
    if level is not None:
        return heat_ground(level, tints, diverging)
    if tints == "none":
        return None, None
    if tints == "ansi":
        return Color.parse("bright_white"), Color.parse("black")
    if color is None:
        return with_letters(*_PAPER)
    red, green, blue = (round(_TINT * part + (1 - _TINT) * 255) for part in COLORS[color])
    return with_letters(red, green, blue)


@cache
def _letter_style(ground: Ground, named: bool) -> Style:
    return Style(color=ground[1], bgcolor=ground[0], bold=True, reverse=named)


@cache
def _ink_style(ground: Ground, color: str | None, level: int | None, tints: Tints) -> Style:
    """Objects in their own colour on paper; on heat all ink is black or white."""
    if tints == "none":
        return Style(bold=color is None)
    if color is None or level is not None:
        return Style(color=ground[1], bgcolor=ground[0])
    if tints == "ansi":
        return Style(color=Color.parse(_ANSI[color]), bgcolor=ground[0])
    red, green, blue = (round(0.75 * part) for part in COLORS[color])
    return Style(color=Color.from_rgb(red, green, blue), bgcolor=ground[0])
