"""How much of each cell of a grid over the picture, or of each rectangle on it, a shape, an arrow or a box
covers: exact areas, no sampling.

Pixel (x, y) is the unit square from (x, y) to (x + 1, y + 1), so a shape around pixel (x, y) is centred half
a pixel further on both axes. Shapes are the study's ideal ones, without their outline; an
arrow is its line and its head together.

Every area comes from one function of a corner (x, y): the area of the item left of x and above y. It is known
in closed form for a disc and for a polygon, and a cell's share is a difference of four of its values.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relcli.scenes.boxes import BoxedEntity
from relcli.scenes.rendering import LINE_WIDTH, arrow_head
from relcli.scenes.scene import TRIANGLE_HALF_BASE, BBox, Entity, Scene
from relcli.scenes.vocabulary import IMAGE_SIZE
from relcli.token_layout import TokenLayout

Coverage = NDArray[np.float32]
"""Share of each cell's area that an item covers, row by row: [grid_height * grid_width], or [tokens]."""
Point = tuple[float, float]

_PIXEL_MIDDLE: Final = 0.5
_Floats = NDArray[np.float64]
_Cumulative = Callable[[_Floats, _Floats], _Floats]


class Region(NamedTuple):
    """What an item of a scene covers; ``item_id`` is an entity's id or, for an arrow, a relation's index."""

    kind: Literal["entity", "arrow"]
    item_id: int
    coverage: Coverage


def scene_regions(scene: Scene, grid_height: int, grid_width: int) -> list[Region]:
    """The regions of every entity and of every drawn arrow of a scene."""
    return layout_regions(scene, TokenLayout.of_grid(grid_height, grid_width))


def layout_regions(scene: Scene, layout: TokenLayout) -> list[Region]:
    """The same for image tokens anywhere on the picture: the share of each one's rectangle that is covered, 0
    for tokens without one."""
    size = scene.size
    regions = [
        Region("entity", entity.id, _per_token(_entity_area(entity), layout, size))
        for entity in scene.entities
    ]
    for index, relation in enumerate(scene.relations):
        if relation.has_arrow:
            ends = scene.entity(relation.subject_id).center, scene.entity(relation.object_id).center
            regions.append(Region("arrow", index, _per_token(_arrow_area(*ends), layout, size)))
    return regions


def entity_coverage(entity: Entity, grid_height: int, grid_width: int) -> Coverage:
    """What a shape covers (its own area, not its box's)."""
    return _per_cell(_entity_area(entity), grid_height, grid_width)


def _entity_area(entity: Entity) -> _Cumulative:
    if isinstance(entity, BoxedEntity):
        box = entity.box
        edges = _rectangle(box.x_min, box.y_min, box.x_max + 1, box.y_max + 1)
        return lambda xs, ys: _polygon(xs, ys, edges)
    x, y = (value + _PIXEL_MIDDLE for value in entity.center)
    size = entity.radius
    if entity.shape == "circle":
        return lambda xs, ys: _disc(xs - x, ys - y, size)
    if entity.shape == "triangle":
        reach, base = TRIANGLE_HALF_BASE * size, y + size // 2
        corners = [(x, y - size), (x - reach, base), (x + reach, base)]
    else:
        (left, top), (right, bottom) = entity.corners
        corners = _box(left, top, right, bottom)
    return lambda xs, ys: _polygon(xs, ys, corners)


def arrow_coverage(
    source: tuple[int, int], target: tuple[int, int], grid_height: int, grid_width: int
) -> Coverage:
    """What an arrow between two centres (pixels) covers: line and head, their common part counted once."""
    return _per_cell(_arrow_area(source, target), grid_height, grid_width)


def _arrow_area(source: tuple[int, int], target: tuple[int, int]) -> _Cumulative:
    length = math.dist(source, target)
    if length == 0:
        return lambda xs, ys: np.zeros(np.broadcast_shapes(xs.shape, ys.shape))
    half = LINE_WIDTH / 2
    nx, ny = -(target[1] - source[1]) / length * half, (target[0] - source[0]) / length * half
    line = [
        (source[0] + nx, source[1] + ny),
        (target[0] + nx, target[1] + ny),
        (target[0] - nx, target[1] - ny),
        (source[0] - nx, source[1] - ny),
    ]
    line, head = (
        [(x + _PIXEL_MIDDLE, y + _PIXEL_MIDDLE) for x, y in p] for p in (line, arrow_head(source, target))
    )
    common = clip_convex(line, head)
    parts = [(line, 1.0), (head, 1.0), (common, -1.0)]

    def area(xs: _Floats, ys: _Floats) -> _Floats:
        return sum((sign * _polygon(xs, ys, corners) for corners, sign in parts), np.zeros(()))

    return area


def bbox_coverage(bbox: BBox, grid_height: int, grid_width: int) -> Coverage:
    """What a box covers, between the middles of its corner pixels."""
    return polygon_coverage(_box(*bbox), grid_height, grid_width)


def polygon_coverage(corners: Sequence[Point], grid_height: int, grid_width: int) -> Coverage:
    """What a simple polygon with these corners (in pixels, where 0 is the picture's edge) covers."""
    return _per_cell(lambda xs, ys: _polygon(xs, ys, corners), grid_height, grid_width)


def area_share(coverage: Coverage) -> float:
    """The share of the whole picture an item covers."""
    return float(coverage.mean(dtype=np.float64))


def clip_convex(subject: Sequence[Point], window: Sequence[Point]) -> list[Point]:
    """The part of one convex polygon inside another (Sutherland and Hodgman); empty where they don't meet."""
    window = list(window) if _signed_area(window) > 0 else list(reversed(window))
    clipped = list(subject)
    for start, end in zip(window, window[1:] + window[:1], strict=True):
        sides = [
            (end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0]) for x, y in clipped
        ]
        kept: list[Point] = []
        for index, point in enumerate(clipped):
            before, side, side_before = clipped[index - 1], sides[index], sides[index - 1]
            if (side >= 0) != (side_before >= 0):
                share = side_before / (side_before - side)
                kept.append(
                    (before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1]))
                )
            if side >= 0:
                kept.append(point)
        clipped = kept
    return clipped


def _box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    return _rectangle(*(value + _PIXEL_MIDDLE for value in (left, top, right, bottom)))


def _rectangle(left: float, top: float, right: float, bottom: float) -> list[Point]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _signed_area(corners: Iterable[Point]) -> float:
    corners = list(corners)
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs) / 2


def _per_cell(
    area: _Cumulative, grid_height: int, grid_width: int, size: tuple[int, int] = (IMAGE_SIZE, IMAGE_SIZE)
) -> Coverage:
    width, height = size
    ys = np.linspace(0, height, grid_height + 1)[:, None]
    xs = np.linspace(0, width, grid_width + 1)[None, :]
    cells = np.diff(np.diff(area(xs, ys), axis=0), axis=1)
    shares = cells * (grid_height * grid_width / (width * height))
    return np.clip(shares, 0, 1).astype(np.float32).ravel()


def _per_token(area: _Cumulative, layout: TokenLayout, size: tuple[int, int]) -> Coverage:
    if layout.grid is not None:
        return _per_cell(area, *layout.grid, size)
    edges = layout.edges() * np.array([*size, *size])
    placed = ~np.isnan(edges[:, 0])
    left, top, right, bottom = edges[placed].T
    # Tiles share their edges: the area is worked out once where two of them cross.
    xs, columns = np.unique(np.concatenate([left, right]), return_inverse=True)
    ys, rows = np.unique(np.concatenate([top, bottom]), return_inverse=True)
    (x0, x1), (y0, y1) = np.split(columns, 2), np.split(rows, 2)
    areas = area(xs[None, :], ys[:, None])
    covered = (areas[y1, x1] - areas[y0, x1]) - (areas[y1, x0] - areas[y0, x0])
    shares = np.zeros(layout.n_tokens)
    shares[placed] = covered / ((right - left) * (bottom - top))
    return np.clip(shares, 0, 1).astype(np.float32)


def _disc(x: _Floats, y: _Floats, radius: float) -> _Floats:
    """Area of the disc around the origin that lies left of ``x`` and above ``y`` (y grows downwards).

    A vertical slice is full, cut or empty below ``y`` depending on whether |slice| is over or under the half
    chord.
    """

    def half_chord_integral(u: Any) -> Any:
        root = np.sqrt(np.maximum(radius**2 - u**2, 0))
        return (u * root + radius**2 * np.arcsin(u / radius)) / 2

    x, y = np.clip(x, -radius, radius), np.clip(y, -radius, radius)
    chord = np.sqrt(radius**2 - y**2)
    inside = np.clip(x, -chord, chord)
    cut = half_chord_integral(inside) - half_chord_integral(-chord) + y * (inside + chord)
    left = half_chord_integral(np.minimum(x, -chord)) - half_chord_integral(np.float64(-radius))
    right = half_chord_integral(np.maximum(x, chord)) - half_chord_integral(chord)
    return cut + np.where(y > 0, 2 * (left + right), 0)


def _polygon(xs: _Floats, ys: _Floats, corners: Sequence[Point]) -> _Floats:
    """Area of a polygon that lies left of ``xs`` and above ``ys``.

    Green's theorem: each edge adds the signed area between itself, cut off at ``ys``, and the picture's top
    edge.
    """
    total = np.zeros(np.broadcast_shapes(xs.shape, ys.shape))
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        if x0 == x1:
            continue
        sign, (ax, ay, bx, by) = (1, (x0, y0, x1, y1)) if x0 < x1 else (-1, (x1, y1, x0, y0))
        slope = (by - ay) / (bx - ax)
        width = np.clip(xs, ax, bx) - ax
        first, last = ay - ys, ay + slope * width - ys
        # The integral of min(edge, ys) over the width: ys itself and the negative part of edge - ys.
        below = (np.minimum(first, 0) + np.minimum(last, 0)) / 2 * width
        crossing = first * last < 0
        if slope and crossing.any():
            under = np.minimum(first, last)
            below = np.where(crossing, -(under**2) / (2 * abs(slope)), below)
        total += sign * (below + ys * width)
    return total if _signed_area(corners) < 0 else -total
