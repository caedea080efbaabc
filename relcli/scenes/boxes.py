"""Objects of pictures that were not drawn here: a name and a box, and nothing known of shape or colour."""

import math
from dataclasses import dataclass

from relcli.scenes.scene import BBox, Entity

BOX = "box"
"""The shape of such an object."""


@dataclass(frozen=True, slots=True)
class BoxedEntity(Entity):
    """An object known by its box. ``label`` is what it is called, as in COCO's categories; it may be empty.

    The box's pixels all belong to it, those at both ends too: it covers x_min to x_max + 1 of the picture.
    """

    label: str
    box: BBox

    @property
    def radius(self) -> int:
        """Half of the box's shorter side, in pixels."""
        return min(self.box.x_max - self.box.x_min, self.box.y_max - self.box.y_min) // 2

    @property
    def name(self) -> str:
        """Its label; by its number where it has none."""
        return self.label or f"{BOX} {self.id}"

    @property
    def corners(self) -> tuple[tuple[int, int], ...]:
        """The box's upper left and lower right pixel."""
        return (self.box.x_min, self.box.y_min), (self.box.x_max, self.box.y_max)

    @property
    def bbox(self) -> BBox:
        return self.box


def boxed(entity_id: int, label: str, box: BBox) -> BoxedEntity:
    """The object in a box, its centre the box's middle pixel."""
    center = (box.x_min + box.x_max) // 2, (box.y_min + box.y_max) // 2
    return BoxedEntity(entity_id, BOX, "", "", center, label, box)


def box_of(x: float, y: float, width: float, height: float, size: tuple[int, int]) -> BBox | None:
    """COCO's x, y, width, height in pixels as whole pixels of a picture of this size (width, height).

    What lies beyond the picture is cut off; of a box that is not a whole pixel wide the pixel it lies in is
    left. None for a box that has nothing on the picture.
    """
    across, down = _span(x, width, size[0]), _span(y, height, size[1])
    return BBox(across[0], down[0], across[1], down[1]) if across and down else None


def _span(start: float, length: float, limit: int) -> tuple[int, int] | None:
    """First and last pixel of a stretch."""
    low, high = max(start, 0.0), min(start + length, float(limit))
    if not high > low:
        return None
    first, last = math.floor(low + 0.5), math.floor(high + 0.5) - 1
    if last < first:  # less than half a pixel to either side of an edge
        first = last = min(math.floor((low + high) / 2), limit - 1)
    return first, last
