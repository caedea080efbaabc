"""Questions about a scene, and the study's own set word for word."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from relcli.scenes.facts import arrow_ends, ends_of, holds, matching, still_drawn
from relcli.scenes.flaws import flaw_names, question_flaws
from relcli.scenes.masking import Twin
from relcli.scenes.scene import Scene
from relcli.scenes.touching import touches
from relcli.scenes.vocabulary import (
    BLANK,
    CLOSING,
    COLORS,
    FIRST_INDEX,
    LETTERS,
    MASKED,
    NAMES,
    OPTIONS_LEAD,
    RAW,
    RELATION_TEXTS,
    SHAPES,
)

_T = TypeVar("_T")

NONE_ANSWER: Final = "None"
PLAIN: Final = "plain"
YES_NO: Final = ("Yes", "No")
N_WRONG: Final = 3
SCENE_TRIES: Final = 51
"""Attempts at wrong options among the scene's own objects before any objects are taken."""
MOST_TRIES: Final = 200
"""Attempts at wrong options in all; a question has fewer options if they don't suffice."""
PAIR_TRIES: Final = 20
"""Draws for one pair of a wrong connection before the attempt fails."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The right answer to a question on another variant of the scene than the raw picture.

    ``answer`` is written as ``Question.ground_truth``. ``touched``: whether what was edited is asked about,
    see ``touching.py``; None where the scene is not known.
    """

    variant: str
    answer: str
    touched: bool | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question on one scene, with its truth on the raw picture and on every variant of it.

    - ``text``: the whole prompt as sent; ``stem``: the question in it without the question mark.
    - ``options``: the texts behind the letters, without letters.
    - ``ground_truth``: ``a)`` to ``d)``, or ``None`` where no option fits.
    - ``truths``: the same for other variants of the scene, at most one each; a variant without a truth here
      is not asked about. The blank picture has none of its own: it is graded against the raw one's.
    - ``entities``: ids in the raw scene of what is asked about: all for a count; for recognition those that
      fit the description, in id order (none when the answer is no); for spatial (the one asked about, the
      reference); for an arrow (source, target), none where neither stem nor options name a drawn one; for a
      connection every entity at an arrow, in id order.
    - ``relation_index``: the raw scene's relation a spatial or an arrow question is about, else None.
    - ``flaws``: names of what is wrong with the question, see ``flaws.py``.
    """

    scene_id: int
    question_index: int
    question_set: str
    category: str
    text: str
    stem: str
    options: tuple[str, ...]
    ground_truth: str
    truths: tuple[Truth, ...] = ()
    entities: tuple[int, ...] = ()
    relation_index: int | None = None
    flaws: tuple[str, ...] = ()

    @property
    def presentation(self) -> str:
        """How it is put: ``plain``, as its set words it; others are in ``presentations.py``."""
        return PLAIN

    def truth_on(self, variant: str) -> str | None:
        """The right answer on a variant; None where there is none, as on a twin that the scene lacks."""
        if variant in (RAW, BLANK):
            return self.ground_truth
        return next((truth.answer for truth in self.truths if truth.variant == variant), None)

    @property
    def ground_truth_masked(self) -> str:
        """The right answer on the masked twin, empty where there is none."""
        return self.truth_on(MASKED) or ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question before it has a number: texts only. ``truth`` and ``truth_masked`` are option texts;
    a text that is not an option, or None, makes the answer None."""

    category: str
    stem: str
    options: tuple[str, ...]
    truth: str | None
    truth_masked: str | None
    entities: tuple[int, ...] = ()
    relation_index: int | None = None


def compose(stem: str, options: Sequence[str]) -> str:
    """The prompt: the question, the lettered options and the closing sentence."""
    lettered = " ".join(f"{LETTERS[index]}) {option}" for index, option in enumerate(options))
    return f"{stem}{OPTIONS_LEAD}{lettered} {CLOSING}"


def answer_of(options: Sequence[str], truth: str | None) -> str:
    """The answer that names option ``truth``: its letter and a bracket, or ``None`` if it is not offered."""
    return f"{LETTERS[options.index(truth)]})" if truth in options else NONE_ANSWER


def number(drafts: Iterator[Draft], scene: Scene, twin: Twin | None, question_set: str) -> list[Question]:
    """Turn drafts into questions numbered in order from the set's first index, their flaws noted."""
    return [
        Question(
            scene_id=scene.scene_id,
            question_index=index,
            question_set=question_set,
            category=draft.category,
            text=compose(draft.stem, draft.options),
            stem=draft.stem,
            options=draft.options,
            ground_truth=(ground_truth := answer_of(draft.options, draft.truth)),
            truths=() if twin is None else (_masked_truth(draft, scene, twin),),
            entities=draft.entities,
            relation_index=draft.relation_index,
            flaws=flaw_names(
                question_flaws(
                    category=draft.category,
                    stem=draft.stem,
                    options=draft.options,
                    ground_truth=ground_truth,
                    question_set=question_set,
                    scene=scene,
                    entities=draft.entities,
                )
            ),
        )
        for index, draft in enumerate(drafts, start=FIRST_INDEX[question_set])
    ]


def _masked_truth(draft: Draft, scene: Scene, twin: Twin) -> Truth:
    truth, masked = (answer_of(draft.options, text) for text in (draft.truth, draft.truth_masked))
    about = draft.category, draft.entities, draft.relation_index
    return Truth(MASKED, masked, touches(*about, scene, twin.scene) or masked != truth)


def ask_seed(scene: Scene, twin: Twin | None, rng: random.Random) -> list[Question]:
    """The study's questions on a scene, in its wording, rules and order, its flaws included."""
    return number(_seed_drafts(scene, twin.scene if twin else scene, rng), scene, twin, "seed")


def connections(scene: Scene) -> list[str]:
    """Every arrow as the study says it, ``the A with the B``, sorted as text."""
    return sorted(pair_text(*ends_of(scene, arrow)) for arrow in scene.arrows)


def pair_text(first: str, second: str) -> str:
    """Two objects as a connection."""
    return f"the {first} with the {second}"


def arrow_text(source: str, target: str) -> str:
    """Two objects as an arrow's ends."""
    return f"from the {source} to the {target}"


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
