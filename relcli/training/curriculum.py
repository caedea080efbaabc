"""What the small model is asked while it learns: both question sets, free questions in many wordings, and
descriptions. Every answer is computed from the scene shown.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from relcli.scenes.balanced import ask_balanced
from relcli.scenes.masking import Twin
from relcli.scenes.questions import Question
from relcli.scenes.scene import Scene
from relcli.scenes.study_questions import ask_seed
from relcli.scenes.vocabulary import LETTERS
from relcli.training.open_questions import indefinite, open_questions


@dataclass(frozen=True, slots=True)
class Item:
    """A prompt and the reply wanted. ``kind`` is a category, ``open`` or ``caption``.

    ``option_truth``: for lettered questions, whether each option is the right one.
    """

    prompt: str
    reply: str
    kind: str
    option_truth: tuple[bool, ...] = ()


def lettered_items(
    raw: Scene, twin: Twin | None, shown_twin: bool, question_set: str, rng: random.Random
) -> list[Item]:
    """The questions of a set, answered for the raw picture or, with ``shown_twin``, for the twin's."""
    ask: Callable[[Scene, Twin | None, random.Random], list[Question]] = (
        ask_seed if question_set == "seed" else ask_balanced
    )
    items = []
    for question in ask(raw, twin, rng):
        truth = question.ground_truth_masked if shown_twin else question.ground_truth
        right = tuple(f"{letter})" == truth for letter, _ in zip(LETTERS, question.options, strict=False))
        items.append(Item(question.text, truth, question.category, right))
    return items


def caption_item(scene: Scene, rng: random.Random) -> Item:
    """A description: the objects from left to right, then the arrows in the same order."""
    prompt = rng.choice(
        ("Describe the image.", "What do you see?", "describe this picture", "What is in this image?")
    )
    entities = sorted(scene.entities, key=lambda entity: entity.center)
    place = {entity.id: number for number, entity in enumerate(entities)}
    reply = ", ".join(indefinite(entity.name) for entity in entities)
    arrows = sorted((place[arrow.subject_id], place[arrow.object_id]) for arrow in scene.arrows)
    if arrows:
        reply += "; arrows " + ", ".join(
            f"from the {entities[a].name} to the {entities[b].name}" for a, b in arrows
        )
    return Item(prompt, reply, "caption")


def open_items(scene: Scene, count: int, rng: random.Random) -> list[Item]:
    """Up to ``count`` free questions on a scene."""
    return [Item(prompt, reply, "open") for prompt, reply in open_questions(scene, count, rng)]
