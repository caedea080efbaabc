"""Entities, relations and scenes, and how a scene is drawn by lot, by the study's rules."""

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from relcli.scenes.vocabulary import COLORS, IMAGE_SIZE, SHAPES, SIZES

MIN_ENTITIES: Final = 2
MAX_ENTITIES: Final = 5
CENTER_RANGE: Final = (50, 174)
"""Lowest and highest centre coordinate in pixels, both included."""
GAP: Final = 10
"""Pixels kept between two entities beyond the sum of their radii."""
MAX_REJECTIONS: Final = 50
TRIANGLE_HALF_BASE: Final = 0.866
"""Half the base of a triangle as a share of its size."""

_COLOR_NAMES = tuple(COLORS)
_SIZE_NAMES = tuple(SIZES)


class BBox(NamedTuple):
    """A box in pixels; the pixels at both ends belong to it."""

    x_min: int
    y_min: int
    x_max: int
    y_max: int


@dataclass(frozen=True, slots=True)
class Entity:
    """One object: its id in the scene, shape, size and colour names, and centre (x, y) in pixels."""

    id: int
    shape: str
    size: str
    color: str
    center: tuple[int, int]

    @property
    def radius(self) -> int:
        """The size in pixels: radius of a circle, half side of a square, width of a rectangle."""
        return SIZES[self.size]

    @property
    def name(self) -> str:
        """Colour and shape as questions say it, e.g. ``red circle``."""
        return f"{self.color} {self.shape}"

    @property
    def corners(self) -> tuple[tuple[int, int], ...]:
        """Corner pixels: two opposite ones of a square, rectangle or a circle's box, three of a triangle.

        A triangle's base corners are cut down to whole pixels, as Pillow does with fractions.
        """
        x, y = self.center
        size = self.radius
        if self.shape == "rectangle":
            half_width, half_height = size // 2, int(1.5 * size) // 2
            return (x - half_width, y - half_height), (x + half_width, y + half_height)
        if self.shape == "triangle":
            reach = TRIANGLE_HALF_BASE * size
            base = y + size // 2
            return (x, y - size), (int(x - reach), base), (int(x + reach), base)
        return (x - size, y - size), (x + size, y + size)

    @property
    def bbox(self) -> BBox:
        """The smallest box around the shape, in pixels."""
        corners = self.corners
        xs = [x for x, _ in corners]
        ys = [y for _, y in corners]
        return BBox(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True, slots=True)
class Relation:
    """Where the object lies as seen from the subject; ``explicit`` relations have an arrow to the object.

    ``masked`` marks the relation a twin hides: its arrow is not drawn.
    """

    subject_id: int
    object_id: int
    relation: str
    explicit: bool
    masked: bool = False

    @property
    def has_arrow(self) -> bool:
        """Whether an arrow is drawn from subject to object."""
        return self.explicit and not self.masked


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands in one picture. ``scene_id`` is the integer in the picture's file name; ``width`` and
    ``height`` are the picture's, in pixels."""

    scene_id: int
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    width: int = IMAGE_SIZE
    height: int = IMAGE_SIZE

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    def entity(self, entity_id: int) -> Entity:
        """The entity with this id. Raises KeyError if the scene has none."""
        for entity in self.entities:
            if entity.id == entity_id:
                return entity
        raise KeyError(entity_id)

    @property
    def arrows(self) -> tuple[Relation, ...]:
        """The relations whose arrow is drawn."""
        return tuple(relation for relation in self.relations if relation.has_arrow)


def derived_rng(seed: int, scene_id: int, purpose: str, domain: str = "generate") -> random.Random:
    """The random numbers for one purpose in one scene, the same however many scenes are made.

    Purposes in use: ``scene``, ``twin``, ``questions/seed``, ``questions/balanced``, ``twin/change``,
    ``twin/placebo``. Another ``domain`` gives
    other scenes for the same seed, so that training never meets what is measured.
    """
    digest = hashlib.sha256(f"{domain}|{seed}|{scene_id}|{purpose}".encode()).digest()
    return random.Random(int.from_bytes(digest, "big"))


def direction(subject: Entity, target: Entity) -> str:
    """Where ``target`` lies as seen from ``subject``: the longer axis decides, a tie goes to the vertical."""
    dx = target.center[0] - subject.center[0]
    dy = target.center[1] - subject.center[1]
    if abs(dx) > abs(dy):
        return "right_of" if dx > 0 else "left_of"
    return "below" if dy > 0 else "above"


def generate_scene(seed: int, scene_id: int, *, domain: str = "generate") -> Scene:
    """Draw scene ``scene_id`` of ``seed`` by lot: one to five entities, one relation per pair of them."""
    rng = derived_rng(seed, scene_id, "scene", domain)
    entities: list[Entity] = []
    for _ in range(rng.randint(MIN_ENTITIES, MAX_ENTITIES)):
        entity = _place(rng, entities)
        if entity is not None:
            entities.append(entity)
    relations = tuple(
        Relation(subject.id, target.id, direction(subject, target), rng.random() < 0.5)
        for index, subject in enumerate(entities)
        for target in entities[index + 1 :]
    )
    return Scene(scene_id, tuple(entities), relations)


def _place(rng: random.Random, placed: list[Entity]) -> Entity | None:
    shape, size, color = rng.choice(SHAPES), rng.choice(_SIZE_NAMES), rng.choice(_COLOR_NAMES)
    for _ in range(MAX_REJECTIONS):
        x, y = rng.randint(*CENTER_RANGE), rng.randint(*CENTER_RANGE)
        entity = Entity(len(placed), shape, size, color, (x, y))
        if keeps_apart(entity, placed):
            return entity
    return None


def keeps_apart(entity: Entity, others: Iterable[Entity]) -> bool:
    """Whether an entity stands as far from all others as the study wants it."""
    (x, y), radius = entity.center, entity.radius
    return all(
        (x - other.center[0]) ** 2 + (y - other.center[1]) ** 2 >= (radius + other.radius + GAP) ** 2
        for other in others
    )
