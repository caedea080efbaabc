"""What is true in a scene: which objects fit a description, which are joined, which are apart on an axis."""

from typing import Final

from relcli.scenes.scene import Entity, Relation, Scene

AXIS_TOLERANCE: Final = 10
"""Centres this many pixels apart on an axis are apart on it."""

Pairs = frozenset[frozenset[str]]
"""Pairs of object names without direction."""


def matching(scene: Scene, *, shape: str | None = None, color: str | None = None) -> tuple[int, ...]:
    """Ids of the entities with this shape and colour (None: any), in id order."""
    return tuple(
        entity.id
        for entity in scene.entities
        if shape in (None, entity.shape) and color in (None, entity.color)
    )


def unique_entities(scene: Scene) -> list[Entity]:
    """The entities that are the only one of their colour and shape."""
    names = [entity.name for entity in scene.entities]
    return [entity for entity in scene.entities if names.count(entity.name) == 1]


def holds(scene: Scene, relation: Relation) -> bool:
    """Whether both ends of a relation are still in ``scene``."""
    ids = {entity.id for entity in scene.entities}
    return relation.subject_id in ids and relation.object_id in ids


def still_drawn(scene: Scene, relation: Relation) -> bool:
    """Whether the arrow of a raw scene's relation is drawn in ``scene``."""
    ends = (relation.subject_id, relation.object_id)
    return any((arrow.subject_id, arrow.object_id) == ends for arrow in scene.arrows)


def ends_of(scene: Scene, relation: Relation) -> tuple[str, str]:
    """The names of a relation's subject and object."""
    return scene.entity(relation.subject_id).name, scene.entity(relation.object_id).name


def arrow_ends(scene: Scene) -> tuple[int, ...]:
    """Ids of the entities at an arrow, in id order."""
    return tuple(sorted({end for arrow in scene.arrows for end in (arrow.subject_id, arrow.object_id)}))


def connected(scene: Scene) -> Pairs:
    """The pairs of names joined by an arrow."""
    return frozenset(frozenset(ends_of(scene, arrow)) for arrow in scene.arrows)


def axes(first: Entity, second: Entity) -> tuple[int, int]:
    """How far two centres are apart in pixels: on the shorter and on the longer axis."""
    short, long = sorted(abs(a - b) for a, b in zip(first.center, second.center, strict=True))
    return short, long
