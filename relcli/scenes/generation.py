"""Making a data set from a seed: every scene from its own derived seeds, written one at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relcli.errors import UsageError
from relcli.inputs import LARGEST_INTEGER, LARGEST_SEED
from relcli.scenes.balanced import ask_balanced
from relcli.scenes.layout import image_name
from relcli.scenes.masking import Twin, make_twin
from relcli.scenes.questions import Question, ask_seed
from relcli.scenes.rendering import png_bytes, render
from relcli.scenes.scene import Scene, derived_rng, generate_scene
from relcli.scenes.vocabulary import QUESTION_SET_VERSIONS, QUESTION_SETS
from relcli.scenes.writing import FolderWriter

_ASK: Final = {"seed": ask_seed, "balanced": ask_balanced}
MOST_SCENES: Final = 10_000_000
"""In one batch: its numbers are held in memory."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A scene, its twin (None where it has none) and its questions in index order."""

    scene: Scene
    twin: Twin | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """How much a batch holds."""

    n_scenes: int
    n_twins: int
    n_questions: int


def make_sample(
    seed: int, scene_id: int, question_sets: Sequence[str] = ("seed",), *, domain: str = "generate"
) -> Sample:
    """Scene ``scene_id`` of ``seed`` with its twin and questions, the same however many others are made."""
    scene = generate_scene(seed, scene_id, domain=domain)
    twin = make_twin(scene, seed, domain=domain)
    questions = [
        question
        for question_set in QUESTION_SETS
        if question_set in question_sets
        for question in _ASK[question_set](
            scene, twin, derived_rng(seed, scene_id, f"questions/{question_set}", domain)
        )
    ]
    return Sample(scene, twin, tuple(questions))


def generate_folder(
    path: Path | str,
    *,
    n_scenes: int,
    seed: int,
    start_index: int = 0,
    question_sets: Sequence[str] = ("seed",),
    domain: str = "generate",
    on_scene: Callable[[int], None] | None = None,
) -> Batch:
    """Add ``n_scenes`` scenes, numbered from ``start_index``, to a folder that may hold others already.

    ``on_scene`` gets the number of scenes written so far. Raises UsageError for numbers below their least and
    for unknown question sets, RelcliError as ``FolderWriter``; then nothing of the batch is kept.
    """
    if n_scenes < 1:
        raise UsageError(f"Can't make {n_scenes} scenes; ask for at least one.")
    if start_index < 0:
        raise UsageError(f"Can't start at scene {start_index}; the first number is 0.")
    if n_scenes > MOST_SCENES:
        raise UsageError(f"Can't make {n_scenes:,} scenes at once; {MOST_SCENES:,} is the most.")
    if start_index + n_scenes - 1 > LARGEST_INTEGER:
        raise UsageError(
            f"Can't number {n_scenes:,} scenes from {start_index}; the highest number is {LARGEST_INTEGER}."
        )
    if abs(seed) > LARGEST_SEED:
        raise UsageError(f"Can't take {seed} as a seed; the highest is {LARGEST_SEED}.")
    unknown = [name for name in question_sets if name not in QUESTION_SETS]
    if unknown or not question_sets:
        raise UsageError(
            f"There is no question set {', '.join(unknown)!r}; choose from {', '.join(QUESTION_SETS)}."
        )
    ids = range(start_index, start_index + n_scenes)
    n_twins = n_questions = 0
    made_by = {name: QUESTION_SET_VERSIONS[name] for name in QUESTION_SETS if name in question_sets}
    with FolderWriter(path, ids, seed=seed, question_sets=made_by) as writer:
        for done, scene_id in enumerate(ids, start=1):
            sample = make_sample(seed, scene_id, question_sets, domain=domain)
            scene, twin = sample.scene, sample.twin
            masked = png_bytes(render(twin.scene)) if twin else None
            png = png_bytes(render(scene))
            writer.add(image_name(scene_id), png, masked, scene, twin, sample.questions, scene_id=scene_id)
            n_twins += twin is not None
            n_questions += len(sample.questions)
            if on_scene:
                on_scene(done)
    return Batch(n_scenes, n_twins, n_questions)
