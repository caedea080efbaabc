"""queries.json: questions as JSON and back, in the study's layout with a few fields of ours beside its own.

The study's file holds ``query_type``, ``query``, ``ground_truth`` and ``ground_truth_masked`` per question.
Ours adds ``question_set``, ``question_index``, ``options``, ``entities`` and ``relation_index``; where they
are missing they are read off the text, the place in the list and the scene. Questions about own pictures may
have ``distractors`` and an ``own_id``, and any ``query_type``. Where there are other variants
than the masked one, ``variants`` holds by name the ``ground_truth`` on each and whether the edit ``touched``
what is asked about, which may be left out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relcli.errors import RelcliError
from relcli.inputs import LARGEST_INTEGER, MIB, is_plain_name
from relcli.scenes.flaws import flaw_names, question_flaws
from relcli.scenes.layout import is_variant, scene_id_of
from relcli.scenes.masking import Twin
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.questions import NONE_ANSWER, Question, Truth, compose
from relcli.scenes.records import Record, brief, load_json
from relcli.scenes.referents import NOTHING, find_referents
from relcli.scenes.scene import Scene
from relcli.scenes.touching import touches
from relcli.scenes.vocabulary import (
    CATEGORIES,
    LETTERS,
    MASKED,
    OWN_QUESTIONS,
    in_order,
    nearest_category,
)

_BEYOND_Z = re.compile(r"(?:^|\s)\(?(?:aa|a1|a2)\)")  # how people continue behind z)
MOST_BYTES = 2048 * MIB  # what 300,000 pictures with both question sets take


@dataclass(frozen=True, slots=True)
class QueryEntry:
    """What queries.json says of one picture; its questions are read once the scene is known."""

    scene_id: int
    image_filename: str
    record: Record

    def answered(self) -> tuple[bool, set[str]]:
        """Whether there are questions, and the variants beside the raw picture that one has a truth on; what
        breaks the schema is left to ``questions``."""
        asked = self.record.data.get("questions")
        of_each = [each for each in asked if isinstance(each, dict)] if isinstance(asked, list) else []
        named = {MASKED for each in of_each if each.get("ground_truth_masked")}
        for each in of_each:
            others = each.get("variants")
            named |= {name for name in others if is_variant(name)} if isinstance(others, dict) else set()
        return bool(of_each), named

    def questions(
        self, scene: Scene | None, twins: Mapping[str, Twin | None] | None = None
    ) -> tuple[Question, ...]:
        """The picture's questions. ``twins``: what its variants show, by name; it tells what an edit touches.
        Raises RelcliError naming file, picture, question and field."""
        questions: list[Question] = []
        texts: set[tuple[str, str, str]] = set()
        indices: set[int] = set()
        for place, item in enumerate(self.record.records("questions", "question")):
            question = _question(item, place, self.scene_id, scene, twins or {})
            if question.question_index in indices:
                item.fail("question_index", f"{question.question_index} stands twice for this picture")
            if (key := (question.question_set, question.category, question.text)) in texts:
                item.fail("query", "the same question stands twice for this picture")
            texts.add(key)
            indices.add(question.question_index)
            questions.append(question)
        return tuple(questions)


def entry_to_json(scene_id: int, image_filename: str, questions: Sequence[Question]) -> dict[str, Any]:
    """One picture's questions as queries.json holds them."""
    return {
        "image_id": scene_id,
        "image_filename": image_filename,
        "questions": [
            {
                "query_type": question.category,
                "query": question.text,
                "ground_truth": question.ground_truth,
                "ground_truth_masked": question.ground_truth_masked,
                "question_set": question.question_set,
                "question_index": question.question_index,
                "options": list(question.options),
                "entities": list(question.entities),
                "relation_index": question.relation_index,
                **_own_to_json(question),
                **_variants_to_json(question),
            }
            for question in questions
        ],
    }


def _own_to_json(question: Question) -> dict[str, Any]:
    own = {"distractors": question.distractors, "own_id": question.own_id}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in own.items()
        if value is not None
    }


def _variants_to_json(question: Question) -> dict[str, Any]:
    others = {
        truth.variant: {"ground_truth": truth.answer}
        | ({} if truth.touched is None else {"touched": truth.touched})
        for truth in question.truths
        if truth.variant != MASKED
    }
    return {"variants": others} if others else {}


def read_entries(path: Path) -> list[QueryEntry]:
    """The pictures of a queries.json in the order of their numbers.

    Raises RelcliError for a file that is missing or no JSON list, a picture without a number or named twice.
    """
    data = load_json(path, most=MOST_BYTES)
    if not isinstance(data, list):
        raise RelcliError(f"{path}: expected a list of pictures with their questions; correct the file.")
    entries: dict[int, QueryEntry] = {}
    for index, value in enumerate(data):
        record = Record(value, f"{path}, item {index}")
        name = record.text("image_filename")
        if not is_plain_name(name):
            record.fail("image_filename", f"{brief(name)} is not a plain file name")
        record.where = f"{path}, {name}"
        scene_id = scene_id_of(name)
        if scene_id is None:
            scene_id = record.integer("image_id")
        if scene_id > LARGEST_INTEGER:
            limit = f"the highest a picture can have is {LARGEST_INTEGER}"
            record.fail("image_filename", f"its number is too large, {limit}")
        if scene_id in entries:
            record.fail("image_filename", f"picture {scene_id} stands twice")
        entries[scene_id] = QueryEntry(scene_id, name, record)
    return [entries[scene_id] for scene_id in sorted(entries)]


def _question(
    item: Record, place: int, scene_id: int, scene: Scene | None, twins: Mapping[str, Twin | None]
) -> Question:
    category = item.text("query_type")
    question_set = item.text("question_set") if item.has("question_set") else "seed"
    if category not in CATEGORIES and question_set != OWN_QUESTIONS:
        near = nearest_category(category)
        item.fail("query_type", f"{brief(category)} is not a category, the nearest is {near}")
    text = item.text("query")
    parsed = parse_prompt(text)
    stem = parsed.stem
    options = item.strings("options") if item.has("options") else parsed.options
    if question_set == OWN_QUESTIONS and (before := _stem_before(text, options)):
        stem = before
    elif parsed.options and options != parsed.options:
        item.fail("options", "they differ from those in query")
    if len(options) > len(LETTERS) or (len(options) == len(LETTERS) and _BEYOND_Z.search(options[-1])):
        field = "options" if item.has("options") else "query"
        item.fail(field, f"there are more options than the {len(LETTERS)} that letters can name")
    truth = _answer(item, "ground_truth", options)
    referents = NOTHING if scene is None else find_referents(category, parsed, truth, scene)
    entities = item.integers("entities") if item.has("entities") else referents[0]
    relation = referents[1]
    if "relation_index" in item.data:
        relation = item.integer("relation_index") if item.has("relation_index") else None
    if scene is not None:
        _check_referents(item, entities, relation, scene)
    distractors = item.integers("distractors") if item.has("distractors") else None
    if scene is not None and distractors is not None:
        _check_referents(item, distractors, None, scene, "distractors")
    flaws = (
        []
        if question_set == OWN_QUESTIONS
        else question_flaws(
            category=category,
            stem=stem,
            options=options,
            ground_truth=truth,
            question_set=question_set,
            scene=scene,
            entities=entities,
        )
    )
    return Question(
        scene_id=scene_id,
        question_index=item.integer("question_index") if item.has("question_index") else place,
        question_set=question_set,
        category=category,
        text=text,
        stem=stem,
        options=options,
        ground_truth=truth,
        truths=_truths(item, options, truth, (category, entities, relation), scene, twins),
        entities=entities,
        relation_index=relation,
        flaws=flaw_names(flaws),
        distractors=distractors,
        own_id=item.text("own_id") if item.has("own_id") else None,
    )


def _stem_before(text: str, options: Sequence[str]) -> str:
    """What stands before the options in a prompt as ours are put together; the options of own pictures may
    be worded in any way, so they are not looked for in the text. Empty for another prompt."""
    asked = compose("", options)
    stem = text.removesuffix(asked)
    if stem == text:
        stem = text.removesuffix(asked.removeprefix("?"))
    return stem if stem and compose(stem, options) == text else ""


def _truths(
    item: Record,
    options: Sequence[str],
    raw_truth: str,
    about: tuple[str, Sequence[int], int | None],
    scene: Scene | None,
    twins: Mapping[str, Twin | None],
) -> tuple[Truth, ...]:
    """The truths on other variants; what the edit touches follows from the scenes where they are known."""
    given: dict[str, tuple[str, bool | None]] = {}
    if item.data.get("ground_truth_masked"):
        given[MASKED] = _answer(item, "ground_truth_masked", options), None
    others = item.record("variants") if item.has("variants") else None
    for name in others.data if others else ():
        assert others is not None
        if not is_variant(name) or name == MASKED:
            others.fail(brief(name), "a variant can't have this name")
        of_variant = others.record(name)
        touched = of_variant.flag("touched") if of_variant.has("touched") else None
        given[name] = _answer(of_variant, "ground_truth", options), touched
    truths = []
    for name in in_order(given):
        answer, touched = given[name]
        twin = twins.get(name)
        if touched is None and answer != raw_truth:
            touched = True
        elif touched is None and scene is not None and twin is not None:
            touched = touches(*about, scene, twin.scene)
        truths.append(Truth(name, answer, touched))
    return tuple(truths)


def _answer(item: Record, field: str, options: Sequence[str]) -> str:
    """A letter of the options with its bracket, or None; a prompt of unknown wording may have any letter."""
    value = item.text(field).strip()
    if value.lower() == NONE_ANSWER.lower():
        return NONE_ANSWER
    allowed = LETTERS[: len(options)] if options else LETTERS
    if len(value) != 2 or value[0] not in allowed or value[1] != ")":
        item.fail(field, f"{brief(value)} is neither None nor one of {', '.join(f'{a})' for a in allowed)}")
    return value


def _check_referents(
    item: Record, entities: Sequence[int], relation: int | None, scene: Scene, field: str = "entities"
) -> None:
    ids = {entity.id for entity in scene.entities}
    for entity in entities:
        if entity not in ids:
            item.fail(field, f"the scene has no entity {entity}")
    if relation is not None and not 0 <= relation < len(scene.relations):
        item.fail("relation_index", f"the scene has no relation {relation}")
