"""Single edits of a scene: one object or one arrow is another, and everything else stays as it is.

Positions keep the study's rules: centres within its range, objects as far apart as it wants them. A name that
an object gets is one that nothing else in the scene has, so no edit makes a name ambiguous.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from relcli.scenes.masking import Twin
from relcli.scenes.scene import (
    CENTER_RANGE,
    MAX_ENTITIES,
    Entity,
    Relation,
    Scene,
    direction,
    keeps_apart,
)
from relcli.scenes.vocabulary import COLORS, SHAPES, SIZES

EDITS: Final = (
    "recoloured",
    "reshaped",
    "resized",
    "moved",
    "added",
    "turned",
    "rejoined",
)
"""What an edit does: the first five to an object, ``turned`` to an arrow, whose ends change places, and
``rejoined`` to an arrow that joins another pair of objects instead."""
LEAST_SHIFT: Final = 20
"""Pixels an object moves at least, so that the move can be seen: the side of the smallest object."""
_DRAWS: Final = 40


def recoloured(scene: Scene) -> Iterator[Twin]:
    """Every object in every other colour."""
    for entity in scene.entities:
        for color in COLORS:
            yield from _renamed(scene, replace(entity, color=color), "recoloured")


def reshaped(scene: Scene) -> Iterator[Twin]:
    """Every object in every other shape."""
    for entity in scene.entities:
        for shape in SHAPES:
            yield from _renamed(scene, replace(entity, shape=shape), "reshaped")


def resized(scene: Scene) -> Iterator[Twin]:
    """Every object in every other size that leaves it room."""
    for entity in scene.entities:
        for size in SIZES:
            if size != entity.size:
                yield from _placed(scene, replace(entity, size=size), "resized")


def turned(scene: Scene) -> Iterator[Twin]:
    """Every arrow the other way round."""
    for index, arrow in enumerate(scene.relations):
        if arrow.has_arrow:
            subject, target = scene.entity(arrow.object_id), scene.entity(arrow.subject_id)
            other = Relation(subject.id, target.id, direction(subject, target), True)
            yield _with_relations(scene, {index: other}, "turned", index)


def rejoined(scene: Scene) -> Iterator[Twin]:
    """Every arrow at every pair of objects that has none, either way round. The arrow taken away is the one
    named."""
    for index, arrow in enumerate(scene.relations):
        if not arrow.has_arrow:
            continue
        for place, pair in enumerate(scene.relations):
            if pair.has_arrow:
                continue
            ends = pair.subject_id, pair.object_id
            for subject_id, object_id in (ends, ends[::-1]):
                label = direction(scene.entity(subject_id), scene.entity(object_id))
                drawn = Relation(subject_id, object_id, label, True)
                changes = {index: replace(arrow, explicit=False), place: drawn}
                yield _with_relations(scene, changes, "rejoined", index)


def added(scene: Scene, rng: random.Random) -> Iterator[Twin]:
    """One object more, drawn by lot and without arrows, where the study's most is not reached."""
    if len(scene.entities) >= MAX_ENTITIES:
        return
    new_id = max(entity.id for entity in scene.entities) + 1
    names = {entity.name for entity in scene.entities}
    for _ in range(_DRAWS):
        shape, size, color = rng.choice(SHAPES), rng.choice([*SIZES]), rng.choice([*COLORS])
        entity = Entity(new_id, shape, size, color, (rng.randint(*CENTER_RANGE), rng.randint(*CENTER_RANGE)))
        if entity.name in names or not keeps_apart(entity, scene.entities):
            continue
        relations = [
            Relation(other.id, new_id, direction(other, entity), False) for other in scene.entities
        ]
        shown = replace(
            scene, entities=(*scene.entities, entity), relations=(*scene.relations, *relations)
        )
        yield Twin(shown, "added", new_id, None, None, None, changed=True)


def shifted(scene: Scene, rng: random.Random) -> Iterator[Twin]:
    """Every object at other places near its own, drawn by lot, from which all others lie as before."""
    for entity in scene.entities:
        for _ in range(_DRAWS // 4):
            x, y = (value + rng.randint(-2 * LEAST_SHIFT, 2 * LEAST_SHIFT) for value in entity.center)
            for twin in _moved(scene, entity, (x, y)):
                if [r.relation for r in twin.scene.relations] == [r.relation for r in scene.relations]:
                    yield twin


def moved_across(scene: Scene, entity_id: int, reference_id: int, rng: random.Random) -> Iterator[Twin]:
    """An object on another side of ``reference_id``: as far off its axis as before, at distances drawn by
    lot, so that a direction that was clear stays clear."""
    entity, reference = scene.entity(entity_id), scene.entity(reference_id)
    (x, y), (at_x, at_y) = entity.center, reference.center
    dx, dy = x - at_x, y - at_y
    along_x = abs(dx) > abs(dy)
    short = dy if along_x else dx
    lengths = rng.sample(range(LEAST_SHIFT, CENTER_RANGE[1] - CENTER_RANGE[0]), _DRAWS)
    for length in [abs(dx if along_x else dy), *lengths]:
        if length < 2 * abs(short) or not length:
            continue
        sides = [(length, short), (-length, short), (short, length), (short, -length)]
        rng.shuffle(sides)
        for side in sides:
            yield from _moved(scene, entity, (at_x + side[0], at_y + side[1]))


def _renamed(scene: Scene, entity: Entity, edit: str) -> Iterator[Twin]:
    if all(entity.name != other.name for other in scene.entities):
        yield _with_entity(scene, entity, edit)


def _moved(scene: Scene, entity: Entity, center: tuple[int, int]) -> Iterator[Twin]:
    low, high = CENTER_RANGE
    far = sum((a - b) ** 2 for a, b in zip(entity.center, center, strict=True)) >= LEAST_SHIFT**2
    if far and all(low <= value <= high for value in center):
        yield from _placed(scene, replace(entity, center=center), "moved")


def _placed(scene: Scene, entity: Entity, edit: str) -> Iterator[Twin]:
    if keeps_apart(entity, (other for other in scene.entities if other.id != entity.id)):
        yield _with_entity(scene, entity, edit)


def _with_entity(scene: Scene, entity: Entity, edit: str) -> Twin:
    """The scene with this entity in the place of the one with its id; directions follow from positions."""
    by_id = {other.id: other for other in scene.entities} | {entity.id: entity}
    relations = [
        replace(relation, relation=direction(by_id[relation.subject_id], by_id[relation.object_id]))
        for relation in scene.relations
    ]
    shown = replace(scene, entities=tuple(by_id.values()), relations=tuple(relations))
    return Twin(shown, edit, entity.id, None, None, None, changed=True)


def _with_relations(scene: Scene, changes: dict[int, Relation], edit: str, index: int) -> Twin:
    relations: Sequence[Relation] = [changes.get(i, relation) for i, relation in enumerate(scene.relations)]
    shown = replace(scene, relations=tuple(relations))
    return Twin(shown, edit, None, index, None, None, changed=True)
