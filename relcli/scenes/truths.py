"""What is true of a question on any scene, read from its words alone: the same facts, whatever was drawn.

The question sets know the truth of the scene they are made for, and of its masked twin. Here a question is
held against another scene, such as one with an object moved.
"""

from collections import Counter
from dataclasses import replace

from relcli.scenes.facts import ends_of, matching
from relcli.scenes.parsing import listed_pairs, mentions
from relcli.scenes.questions import Question, Truth, answer_of, arrow_text, connections
from relcli.scenes.scene import Entity, Scene, direction
from relcli.scenes.touching import touches
from relcli.scenes.vocabulary import LETTERS, RELATION_TEXTS


def answer_on(question: Question, scene: Scene) -> str:
    """The right answer on ``scene``, as ``Question.ground_truth`` is written.

    Where several options are true, the marked one if it still is, then the one that says it the study's way.
    """
    true = true_options(question, scene)
    marked = _marked(question)
    exact = " and ".join(connections(scene))
    best = next((option for option in (marked, exact) if option in true), true[0] if true else None)
    return answer_of(question.options, best)


def with_truth(question: Question, variant: str, raw: Scene, shown: Scene) -> Question:
    """The question with its truth on a variant of its scene added."""
    answer = answer_on(question, shown)
    touched = answer != question.ground_truth or touches(
        question.category, question.entities, question.relation_index, raw, shown
    )
    return replace(question, truths=(*question.truths, Truth(variant, answer, touched)))


def true_options(question: Question, scene: Scene) -> list[str]:
    """The options that are true of ``scene``, in their order. An object is found by the name that the
    question gives it; the one that it was made about goes first where two have that name."""
    if question.category == "count":
        wanted = {str(len(scene.entities))}
    elif question.category.startswith("recognition_"):
        wanted = _recognised(question, scene)
    elif question.category == "implicit_spatial":
        wanted = _directions(question, scene)
    elif question.category == "explicit_arrow_direction":
        wanted = _arrows(question, scene)
    else:
        return [option for option in question.options if _connects(option, scene)]
    return [option for option in question.options if option in wanted]


def named_entities(question: Question, scene: Scene) -> list[Entity | None]:
    """The entities that the stem names in full, in its order; None for one that isn't there, or that two
    others could be."""
    ids = question.entities if question.relation_index is not None else ()
    names = [f"{color} {shape}" for color, shape in mentions(question.stem) if color and shape]
    return [_find(scene, name, ids[place] if place < len(ids) else None) for place, name in enumerate(names)]


def _find(scene: Scene, name: str, asked: int | None) -> Entity | None:
    found = [entity for entity in scene.entities if entity.name == name]
    meant = [entity for entity in found if entity.id == asked]
    return meant[0] if meant else found[0] if len(found) == 1 else None


def _recognised(question: Question, scene: Scene) -> set[str]:
    named = mentions(question.stem)
    if len(named) != 1:
        return set()
    color, shape = named[0]
    return {"Yes" if matching(scene, color=color, shape=shape) else "No"}


def _directions(question: Question, scene: Scene) -> set[str]:
    named = named_entities(question, scene)
    if len(named) != 2 or named[0] is None or named[1] is None or named[0] is named[1]:
        return set()
    asked, reference = named[0], named[1]
    return {f"{RELATION_TEXTS[direction(reference, asked)]} the {reference.name}"}


def _arrows(question: Question, scene: Scene) -> set[str]:
    """The study's stem names both ends; the balanced one's asks about any arrow that an option names."""
    ends = [ends_of(scene, arrow) for arrow in scene.arrows]
    named = sorted(f"{color} {shape}" for color, shape in mentions(question.stem))
    return {arrow_text(*pair) for pair in ends if not named or sorted(pair) == named}


def _connects(option: str, scene: Scene) -> bool:
    """Whether an option lists a scene's arrows; a pair of names that two arrows join, twice."""
    listed, drawn = listed_pairs(option), [frozenset(ends_of(scene, arrow)) for arrow in scene.arrows]
    return bool(listed) and Counter(listed) == Counter(drawn)


def _marked(question: Question) -> str | None:
    place = LETTERS.find(question.ground_truth[:1]) if question.ground_truth.endswith(")") else -1
    return question.options[place] if 0 <= place < len(question.options) else None
