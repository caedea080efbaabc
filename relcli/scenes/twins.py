"""Changed twins and placebos: what to edit in a scene, given the questions that are asked about it.

A changed twin makes another *option* the right answer of at least one question, where a masked one mostly
makes it None. A placebo is another picture too, but every answer stays as it is. Both follow from the scene's
own random numbers and from the questions, so they are the same however many scenes are made.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Final

from relcli.scenes import editing
from relcli.scenes.balanced import one_axis
from relcli.scenes.masking import Twin
from relcli.scenes.questions import NONE_ANSWER, Question
from relcli.scenes.scene import Scene, derived_rng
from relcli.scenes.truths import answer_on, named_entities, true_options
from relcli.scenes.vocabulary import CATEGORIES

_WEIGHTS: Final = {"count": 2, "implicit_spatial": 8, "explicit_connection": 3}
"""How much likelier than the others a category's turn comes first: few scenes allow its edits."""


def make_change(
    scene: Scene, questions: Sequence[Question], seed: int, *, domain: str = "generate"
) -> Twin | None:
    """The scene with one edit that makes another option of a question the right one.

    The category that the question is of is drawn by lot; another one's turn comes where no edit can do it.
    Of the edits that can, it is one of those with the most changes to another option, less those to None.
    None where no edit can for any category.
    """
    rng = derived_rng(seed, scene.scene_id, "twin/change", domain)
    for category in _drawn_order(rng):
        asked = [question for question in questions if question.category == category]
        edits = [*_changes(scene, category, asked, rng)] if asked else []
        fitting = [
            (_gain(questions, twin.scene), twin)
            for twin in edits
            if any(_other_option(q, twin.scene) for q in asked) and _sound(questions, twin.scene)
        ]
        if fitting:
            most = max(gain for gain, _ in fitting)
            return rng.choice([twin for gain, twin in fitting if gain == most])
    return None


def make_placebo(
    scene: Scene, questions: Sequence[Question], seed: int, *, domain: str = "generate"
) -> Twin | None:
    """The scene with one edit that leaves the right answer of every question as it is; None where there is no
    such edit. What is edited is drawn by lot, and may be asked about."""
    rng = derived_rng(seed, scene.scene_id, "twin/placebo", domain)
    kinds = [
        editing.recoloured(scene),
        editing.reshaped(scene),
        editing.resized(scene),
        editing.turned(scene),
        editing.shifted(scene, rng),
    ]
    rng.shuffle(kinds)
    for edits in map(list, kinds):
        rng.shuffle(edits)
        for twin in edits:
            stays = all(answer_on(question, twin.scene) == question.ground_truth for question in questions)
            if stays and _sound(questions, twin.scene):
                return twin
    return None


def _drawn_order(rng: random.Random) -> list[str]:
    """The categories in an order drawn by lot, the rarer ones sooner (Efraimidis and Spirakis, 2006)."""
    keys = {category: rng.random() ** (1 / _WEIGHTS.get(category, 1)) for category in CATEGORIES}
    return sorted(CATEGORIES, key=lambda category: keys[category], reverse=True)


def _changes(
    scene: Scene, category: str, asked: Sequence[Question], rng: random.Random
) -> Iterator[Twin]:
    """Edits that may change the answers of a category."""
    if category == "count":
        yield from editing.added(scene, rng)
    if category in ("recognition_color", "recognition_shape_and_color"):
        yield from editing.recoloured(scene)
    if category in ("recognition_shape", "recognition_shape_and_color"):
        yield from editing.reshaped(scene)
    if category == "implicit_spatial":
        for question in asked:
            named = named_entities(question, scene)
            if len(named) == 2 and named[0] and named[1]:
                yield from editing.moved_across(scene, named[0].id, named[1].id, rng)
                yield from editing.moved_across(scene, named[1].id, named[0].id, rng)
    if category == "explicit_connection":
        yield from editing.rejoined(scene)
    if category == "explicit_arrow_direction":
        yield from editing.turned(scene)


def _other_option(question: Question, shown: Scene) -> bool:
    return answer_on(question, shown) not in (question.ground_truth, NONE_ANSWER)


def _gain(questions: Sequence[Question], shown: Scene) -> int:
    answers = [(answer_on(question, shown), question.ground_truth) for question in questions]
    return sum(1 if now != NONE_ANSWER else -1 for now, before in answers if now != before)


def _sound(questions: Sequence[Question], shown: Scene) -> bool:
    """Whether no question has several right answers on an edited scene that had one on its own."""
    return all(_one_answer(question, shown) for question in questions)


def _one_answer(question: Question, shown: Scene) -> bool:
    if question.category == "explicit_connection":
        return True  # equivalent options are the study's own flaw, and stay equivalent
    if len(true_options(question, shown)) > 1:
        return False
    if question.category != "implicit_spatial" or "two_axes" in question.flaws:
        return True
    named = [entity for entity in named_entities(question, shown) if entity]
    return len(named) != 2 or one_axis(*named)
