"""The study's own set of questions, word for word."""

import random
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from relcli.scenes.facts import arrow_ends, ends_of, holds, matching, still_drawn
from relcli.scenes.masking import Twin
from relcli.scenes.questions import (
    N_WRONG,
    YES_NO,
    Draft,
    Question,
    arrow_text,
    connections,
    number,
    pair_text,
)
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import COLORS, NAMES, RELATION_TEXTS, SHAPES

_T = TypeVar("_T")

SCENE_TRIES: Final = 51
"""Attempts at wrong options among the scene's own objects before any objects are taken."""
MOST_TRIES: Final = 200
"""Attempts at wrong options in all; a question has fewer options if they don't suffice."""
PAIR_TRIES: Final = 20
"""Draws for one pair of a wrong connection before the attempt fails."""


def ask_seed(scene: Scene, twin: Twin | None, rng: random.Random) -> list[Question]:
    """The study's questions on a scene, in its wording, rules and order, its flaws included."""
    return number(_seed_drafts(scene, twin.scene if twin else scene, rng), scene, twin, "seed")


def _seed_drafts(scene: Scene, left: Scene, rng: random.Random) -> Iterator[Draft]:
    """``left`` is what the twin still shows."""
    yield _count(scene, left, rng)
    first = scene.entities[0]
    absent_shapes = [shape for shape in SHAPES if not matching(scene, shape=shape)]
    absent_colors = [color for color in COLORS if not matching(scene, color=color)]
    absent_names = [name for name in NAMES if all(entity.name != name for entity in scene.entities)]

    yield _exists(scene, left, "recognition_shape", f"{first.shape} shape", shape=first.shape)
    if absent_shapes:
        shape = rng.choice(absent_shapes)
        yield _exists(scene, left, "recognition_shape", shape, shape=shape)
    yield _exists(scene, left, "recognition_color", f"{first.color} shape", color=first.color)
    if absent_colors:
        color = rng.choice(absent_colors)
        yield _exists(scene, left, "recognition_color", f"{color} shape", color=color)
    for name in (first.name, absent_names[0]):
        color, shape = name.split()
        yield _exists(scene, left, "recognition_shape_and_color", name, shape=shape, color=color)

    plain = [index for index, relation in enumerate(scene.relations) if not relation.has_arrow]
    if plain:
        yield _spatial(scene, left, rng.choice(plain))
    arrows = [index for index, relation in enumerate(scene.relations) if relation.has_arrow]
    if arrows:
        yield _connection(scene, left, rng)
        yield _arrow(scene, left, rng.choice(arrows), rng)


def _count(scene: Scene, left: Scene, rng: random.Random) -> Draft:
    count = len(scene.entities)
    numbers = [count, *rng.sample([n for n in range(9) if n != count], N_WRONG)]
    rng.shuffle(numbers)
    ids = tuple(entity.id for entity in scene.entities)
    options = tuple(map(str, numbers))
    return Draft(
        "count", "How many shapes are in this image", options, str(count), str(len(left.entities)), ids
    )


def _exists(
    scene: Scene, left: Scene, category: str, what: str, *, shape: str | None = None, color: str | None = None
) -> Draft:
    asked = matching(scene, shape=shape, color=color)
    return Draft(
        category,
        f"Does this image have a {what}",
        YES_NO,
        "Yes" if asked else "No",
        "Yes" if matching(left, shape=shape, color=color) else "No",
        asked,
    )


def _spatial(scene: Scene, left: Scene, index: int) -> Draft:
    relation = scene.relations[index]
    reference, asked = ends_of(scene, relation)
    truth = f"{RELATION_TEXTS[relation.relation]} the {reference}"
    return Draft(
        "implicit_spatial",
        f"What is the position of the {asked} with respect to the {reference}",
        tuple(f"{text} the {reference}" for text in RELATION_TEXTS.values()),
        truth,
        truth if holds(left, relation) else None,
        (relation.object_id, relation.subject_id),
        index,
    )


def _connection(scene: Scene, left: Scene, rng: random.Random) -> Draft:
    pairs = connections(scene)
    joined = {(arrow.subject_id, arrow.object_id) for arrow in scene.arrows}

    def draw(own_objects: bool) -> str | None:
        if not own_objects:
            texts = _draw_set(len(pairs), lambda: pair_text(rng.choice(NAMES), rng.choice(NAMES)))
            return None if texts is None else " and ".join(sorted(texts))
        drawn = _draw_set(len(pairs), lambda: tuple(rng.sample(scene.entities, 2)))
        if drawn is None or {(first.id, second.id) for first, second in drawn} == joined:
            return None
        # Different entities may share a name, so an option may say the same pair twice.
        return " and ".join(sorted(pair_text(first.name, second.name) for first, second in drawn))

    truth = " and ".join(pairs)
    return Draft(
        "explicit_connection",
        "Which objects are connected",
        _with_wrong(truth, draw, rng),
        truth,
        " and ".join(connections(left)) or None,
        arrow_ends(scene),
    )


def _draw_set(size: int, draw: Callable[[], _T]) -> set[_T] | None:
    """``size`` different draws; None if one of them keeps repeating what is there."""
    chosen: set[_T] = set()
    while len(chosen) < size:
        fresh = next((value for _ in range(PAIR_TRIES) if (value := draw()) not in chosen), None)
        if fresh is None:
            return None
        chosen.add(fresh)
    return chosen


def _arrow(scene: Scene, left: Scene, index: int, rng: random.Random) -> Draft:
    relation = scene.relations[index]
    source, target = ends_of(scene, relation)
    truth = arrow_text(source, target)
    return Draft(
        "explicit_arrow_direction",
        f"Where does the arrow between the {source} and {target} point to",
        _with_wrong(truth, lambda own_objects: arrow_text(*_two_names(scene, rng, own_objects)), rng),
        truth,
        truth if still_drawn(left, relation) else None,
        (relation.subject_id, relation.object_id),
        index,
    )


def _two_names(scene: Scene, rng: random.Random, own_objects: bool) -> tuple[str, str]:
    """Names of two different entities of the scene, or of any two objects, which may be the same."""
    if own_objects:
        first, second = rng.sample(scene.entities, 2)
        return first.name, second.name
    return rng.choice(NAMES), rng.choice(NAMES)


def _with_wrong(truth: str, draw: Callable[[bool], str | None], rng: random.Random) -> tuple[str, ...]:
    """The truth among three wrong options. Every attempt counts, those that fail or repeat an option too."""
    options = [truth]
    for attempt in range(1, MOST_TRIES + 1):
        option = draw(attempt <= SCENE_TRIES)
        if option is not None and option not in options:
            options.append(option)
        if len(options) > N_WRONG:
            break
    rng.shuffle(options)
    return tuple(options)
