"""Which objects of a scene a prompt asks about, for questions that come without that note."""

from relcli.scenes.facts import arrow_ends, ends_of, matching
from relcli.scenes.parsing import ParsedPrompt, mentions
from relcli.scenes.scene import Relation, Scene
from relcli.scenes.vocabulary import LETTERS, RELATION_TEXTS

Referents = tuple[tuple[int, ...], int | None]
"""Entity ids and relation index as ``Question`` keeps them."""

NOTHING: Referents = ((), None)


def find_referents(category: str, parsed: ParsedPrompt, ground_truth: str, scene: Scene) -> Referents:
    """The entities and the relation a prompt is about; nothing where the names fit several relations or none.

    The true option tells apart relations whose objects share a name.
    """
    if category == "count":
        return tuple(entity.id for entity in scene.entities), None
    if category == "explicit_connection":
        return arrow_ends(scene), None
    if category.startswith("recognition_"):
        return (_described(parsed, scene), None) if len(parsed.names) == 1 else NOTHING
    truth = _true_option(parsed, ground_truth)
    named = parsed.names
    if category == "explicit_arrow_direction" and not named and truth:
        named = mentions(truth)  # the balanced set's stem names nothing
    names = [f"{color} {shape}" for color, shape in named]
    if len(names) != 2:
        return NOTHING
    if category == "implicit_spatial":
        asked, reference = names
        index = _only(
            [
                index
                for index, relation in enumerate(scene.relations)
                if not relation.has_arrow
                and ends_of(scene, relation) == (reference, asked)
                and truth in (None, f"{RELATION_TEXTS[relation.relation]} the {reference}")
            ]
        )
        return NOTHING if index is None else (_ends(scene.relations[index])[::-1], index)
    index = _only(
        [
            index
            for index, relation in enumerate(scene.relations)
            if relation.has_arrow
            and sorted(ends_of(scene, relation)) == sorted(names)
            and truth in (None, "from the {} to the {}".format(*ends_of(scene, relation)))
        ]
    )
    return NOTHING if index is None else (_ends(scene.relations[index]), index)


def _described(parsed: ParsedPrompt, scene: Scene) -> tuple[int, ...]:
    color, shape = parsed.names[0]
    return matching(scene, shape=shape, color=color)


def _true_option(parsed: ParsedPrompt, ground_truth: str) -> str | None:
    place = LETTERS.find(ground_truth[:1]) if ground_truth.endswith(")") else -1
    return parsed.options[place] if 0 <= place < len(parsed.options) else None


def _ends(relation: Relation) -> tuple[int, int]:
    return relation.subject_id, relation.object_id


def _only(found: list[int]) -> int | None:
    return found[0] if len(found) == 1 else None
