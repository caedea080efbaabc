"""The balanced question set: the study's seven categories without the flaws its questions had.

Against the flaws of the study's questions: yes and no share one wording and stand in random order; a
connection has no direction, so no option is the truth turned round; what a "no" question names is uniform
among what is absent; a spatial question is asked only where the other axis says next to nothing; an object
that is named by "the" is the only one of its name. None is a right answer now and then on the raw picture
too.

Beyond that, a reader without the picture finds nothing to go by, whether the truth of the raw picture or that
of the masked one is asked for: given the words, one answer is as likely as another, or always the same is the
likeliest. For spatial, connection and arrow questions that follows from drawing the wrong options the way the
true one came about: any of them could be the truth of a scene with other names in the same places. For counts
and recognition see ``even_truths.py``.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Final

from relcli.scenes.even_truths import count_options, recognition_answers
from relcli.scenes.facts import (
    AXIS_TOLERANCE,
    Pairs,
    arrow_ends,
    axes,
    connected,
    ends_of,
    holds,
    matching,
    still_drawn,
    unique_entities,
)
from relcli.scenes.masking import Twin
from relcli.scenes.questions import N_WRONG, YES_NO, Draft, Question, arrow_text, number, pair_text
from relcli.scenes.scene import MAX_ENTITIES, Entity, Relation, Scene
from relcli.scenes.vocabulary import COLORS, NAMES, RELATION_TEXTS, SHAPES

NONE_SHARE: Final = 0.125
"""How often a spatial, connection or arrow question leaves the true option out."""
AXIS_RATIO: Final = 2
"""The longer axis of a spatial question is at least this many times the shorter."""
MAX_ARROWS: Final = 6
"""A connection is asked with at most this many arrows; longer lists can hardly be read."""


def ask_balanced(scene: Scene, twin: Twin | None, rng: random.Random) -> list[Question]:
    """The balanced questions on a scene; a category whose conditions the scene doesn't meet is left out."""
    return number(_drafts(scene, twin, rng), scene, twin, "balanced")


def one_axis(first: Entity, second: Entity) -> bool:
    """Whether two entities are apart on one axis only, so that one direction alone is right."""
    short, long = axes(first, second)
    return short < AXIS_TOLERANCE and long >= AXIS_RATIO * short


def _drafts(scene: Scene, twin: Twin | None, rng: random.Random) -> Iterator[Draft]:
    left = twin.scene if twin else scene
    unique = unique_entities(scene)
    ids = {entity.id for entity in unique}
    yield from _count(scene, twin, rng)
    yield from _recognition(scene, twin, unique, rng)
    named = [
        (index, relation)
        for index, relation in enumerate(scene.relations)
        if relation.subject_id in ids and relation.object_id in ids
    ]
    arrows = [(index, relation) for index, relation in named if relation.has_arrow]
    plain = [(index, relation) for index, relation in named if not relation.has_arrow]
    spatial = [
        (index, relation)
        for index, relation in plain
        if one_axis(scene.entity(relation.subject_id), scene.entity(relation.object_id))
    ]
    if spatial:
        yield _spatial(scene, left, *rng.choice(spatial), rng)
    if 0 < len(scene.arrows) <= MAX_ARROWS and len(arrows) == len(scene.arrows):
        yield _connection(scene, left, [entity.name for entity in unique], rng)
    if arrows:
        yield _arrow(scene, left, arrows, plain, unique, rng)


def _offer(truth: str, wrong: Sequence[str], rng: random.Random) -> tuple[str, ...]:
    """All of ``wrong`` but one beside the truth, or, now and then, all of ``wrong`` without it."""
    options = [*wrong] if rng.random() < NONE_SHARE else [truth, *wrong[:-1]]
    rng.shuffle(options)
    return tuple(options)


def _count(scene: Scene, twin: Twin | None, rng: random.Random) -> Iterator[Draft]:
    count, left = len(scene.entities), len(twin.scene.entities) if twin else None
    options = count_options(count, left, rng)
    if options:
        ids = tuple(entity.id for entity in scene.entities)
        truth_masked = None if left is None else str(left)
        yield Draft("count", "How many shapes are in this image", options, str(count), truth_masked, ids)


def _recognition(
    scene: Scene, twin: Twin | None, unique: list[Entity], rng: random.Random
) -> Iterator[Draft]:
    """A yes and a no of each kind, in random order, or one of them; neither where one can't be asked."""
    shapes = [shape for shape in SHAPES if matching(scene, shape=shape)]
    colors = [color for color in COLORS if matching(scene, color=color)]
    names = {entity.name for entity in scene.entities}
    kinds = (
        ("recognition_shape", shapes, [shape for shape in SHAPES if shape not in shapes]),
        ("recognition_color", colors, [color for color in COLORS if color not in colors]),
        (
            "recognition_shape_and_color",
            [entity.name for entity in unique],
            [name for name in NAMES if name not in names],
        ),
    )
    for category, present, absent in kinds:
        if not present or not absent:
            continue
        left = twin.scene if twin else scene
        drafts = {
            "Yes": _exists(scene, left, category, rng.choice(present), rng),
            "No": _exists(scene, left, category, rng.choice(absent), rng),
        }
        stays = drafts["Yes"].truth_masked == "Yes" if twin else None
        asked = [*recognition_answers(category, len(scene.entities), stays, rng)]
        rng.shuffle(asked)
        yield from (drafts[answer] for answer in asked)


def _exists(scene: Scene, left: Scene, category: str, value: str, rng: random.Random) -> Draft:
    words = value.split()
    color = next((word for word in words if word in COLORS), None)
    shape = next((word for word in words if word in SHAPES), None)
    what = value if shape else f"{value} shape"
    asked = matching(scene, shape=shape, color=color)
    options = list(YES_NO)
    rng.shuffle(options)
    return Draft(
        category,
        f"Does this image have {'an' if what[0] in 'aeiou' else 'a'} {what}",
        tuple(options),
        "Yes" if asked else "No",
        "Yes" if matching(left, shape=shape, color=color) else "No",
        asked,
    )


def _spatial(scene: Scene, left: Scene, index: int, relation: Relation, rng: random.Random) -> Draft:
    """Three of the four directions, so that leaving the true one out doesn't show in their number."""
    reference, asked = ends_of(scene, relation)
    texts = {label: f"{text} the {reference}" for label, text in RELATION_TEXTS.items()}
    truth = texts.pop(relation.relation)
    wrong = list(texts.values())
    rng.shuffle(wrong)
    return Draft(
        "implicit_spatial",
        f"What is the position of the {asked} with respect to the {reference}",
        _offer(truth, wrong, rng),
        truth,
        truth if holds(left, relation) else None,
        (relation.object_id, relation.subject_id),
        index,
    )


def _connection(scene: Scene, left: Scene, names: list[str], rng: random.Random) -> Draft:
    truth = connected(scene)
    wrong = [_connection_text(pairs) for pairs in _wrong_connections(truth, names, rng)]
    return Draft(
        "explicit_connection",
        "Which objects are connected",
        _offer(_connection_text(truth), wrong, rng),
        _connection_text(truth),
        _connection_text(connected(left)),
        arrow_ends(scene),
    )


def _connection_text(pairs: Pairs) -> str:
    """One text for one set of pairs: names sorted in a pair, pairs sorted in the list."""
    return " and ".join(sorted(pair_text(*sorted(pair)) for pair in pairs))


def _wrong_connections(truth: Pairs, names: list[str], rng: random.Random) -> list[Pairs]:
    """Four other sets of as many pairs. Given the objects, every such set is as likely the truth as another.

    Where the scene's own objects allow too few, absent ones are added, and all sets that join as many objects
    as the scene has are drawn alike.
    """
    size, wanted = len(truth), N_WRONG + 1
    absent = [name for name in NAMES if name not in names]
    for extra in range(MAX_ENTITIES):
        pool = [*names, *rng.sample(absent, extra)]
        graphs = {
            frozenset(map(frozenset, pairs))
            for some in itertools.combinations(sorted(pool), len(names))
            for pairs in itertools.combinations(itertools.combinations(some, 2), size)
        } - {truth}
        if len(graphs) >= wanted:
            return rng.sample(sorted(graphs, key=_connection_text), wanted)
    raise AssertionError("five objects always allow enough sets of pairs")


def _arrow(
    scene: Scene,
    left: Scene,
    arrows: Sequence[tuple[int, Relation]],
    plain: Sequence[tuple[int, Relation]],
    unique: Sequence[Entity],
    rng: random.Random,
) -> Draft:
    """Both directions of two pairs of objects of which one pair has an arrow, or, now and then, none.

    The stem names no object: that would tell which options can be true.
    """
    index, relation = rng.choice(arrows)
    absent = [name for name in NAMES if all(name != entity.name for entity in scene.entities)]
    others = [ends_of(scene, relation) for _, relation in rng.sample(plain, min(len(plain), 2))]
    while len(others) < 2:
        pair = (rng.choice(unique).name, absent.pop(rng.randrange(len(absent))))
        others.append(pair)
    offered = rng.random() >= NONE_SHARE
    pairs = [ends_of(scene, relation), others[0]] if offered else others
    options = [arrow_text(*ends) for first, second in pairs for ends in ((first, second), (second, first))]
    rng.shuffle(options)
    truth = arrow_text(*ends_of(scene, relation)) if offered else None
    return Draft(
        "explicit_arrow_direction",
        "Where does the arrow between the shapes point to",
        tuple(options),
        truth,
        truth if still_drawn(left, relation) else None,
        (relation.subject_id, relation.object_id) if offered else (),
        index if offered else None,
    )
