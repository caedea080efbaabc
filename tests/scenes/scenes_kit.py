"""Scenes to test with, and an oracle that answers questions without the code under test."""

import math

from relcli.scenes.masking import Twin
from relcli.scenes.questions import Question
from relcli.scenes.scene import Entity, Relation, Scene

CENTERS = ((60, 60), (160, 62), (61, 160), (160, 165), (112, 112))


def scene_of(
    *names: str, arrows: tuple[tuple[int, int], ...] = (), size: str = "small", scene_id: int = 0
) -> Scene:
    """A scene of the named objects at fixed places, with arrows between the given ids (lower id first)."""
    entities = tuple(
        Entity(index, name.split()[1], size, name.split()[0], CENTERS[index])
        for index, name in enumerate(names)
    )
    relations = tuple(
        Relation(a.id, b.id, direction_between(a, b), (a.id, b.id) in arrows)
        for a in entities
        for b in entities
        if a.id < b.id
    )
    return Scene(scene_id, entities, relations)


def direction_between(subject: Entity, target: Entity) -> str:
    """The direction by angle: quarters of the circle around the four directions."""
    dx, dy = target.center[0] - subject.center[0], target.center[1] - subject.center[1]
    angle = math.degrees(math.atan2(-dy, dx)) % 360
    if angle < 45 or angle > 315:
        return "right_of"
    if 135 < angle < 225:
        return "left_of"
    return "above" if angle < 180 else "below"


def true_options(question: Question, raw: Scene, shown: Scene) -> list[str]:
    """The options that are true of what is ``shown``, the raw scene or its twin's.

    A connection has no direction in the balanced set and is taken word for word in the seed set.
    """
    return [option for option in question.options if _is_true(question, option, raw, shown)]


def _is_true(question: Question, option: str, raw: Scene, shown: Scene) -> bool:
    there = {entity.id: entity for entity in shown.entities}
    words = question.stem.split()
    if question.category == "count":
        return int(option) == len(there)
    if question.category.startswith("recognition"):
        asked = set(words[5:]) - {"shape"}
        found = any(asked <= {entity.shape, entity.color} for entity in there.values())
        return option == ("Yes" if found else "No")
    if question.category == "explicit_connection":
        arrows = [r for r in shown.relations if r.explicit and not r.masked]
        pairs = [(there[r.subject_id].name, there[r.object_id].name) for r in arrows]
        offered = [tuple(part.removeprefix("the ").split(" with the ")) for part in option.split(" and ")]
        if question.question_set == "balanced":
            return {frozenset(pair) for pair in offered} == {frozenset(pair) for pair in pairs}
        return sorted(offered) == sorted(pairs)
    if question.relation_index is None:
        assert question.question_set == "balanced" and question.category == "explicit_arrow_direction"
        drawn = [r for r in shown.relations if r.explicit and not r.masked]
        pairs = [(there[r.subject_id].name, there[r.object_id].name) for r in drawn]
        return option in [f"from the {source} to the {target}" for source, target in pairs]
    relation = raw.relations[question.relation_index]
    if relation.subject_id not in there or relation.object_id not in there:
        return False
    subject, target = there[relation.subject_id], there[relation.object_id]
    if question.category == "implicit_spatial":
        text = {"left_of": "to the left of", "right_of": "to the right of"}
        label = direction_between(subject, target)
        return option == f"{text.get(label, label)} the {subject.name}"
    drawn = [(r.subject_id, r.object_id) for r in shown.relations if r.explicit and not r.masked]
    return (subject.id, target.id) in drawn and option == f"from the {subject.name} to the {target.name}"


def expected_answer(question: Question, raw: Scene, shown: Scene) -> str:
    """The letter of the one true option, or None."""
    true = true_options(question, raw, shown)
    assert len(true) <= 1, (question.text, true)
    return f"{'abcd'[question.options.index(true[0])]})" if true else "None"


def expected_masked(question: Question, raw: Scene, twin: Twin | None) -> str:
    """The expected answer on the twin, empty where there is none."""
    return expected_answer(question, raw, twin.scene) if twin else ""
